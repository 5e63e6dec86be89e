"""Texts as agents write them, seeded: with somebody's personal data planted in them, and without any."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from string import Formatter

from engine.deidentification.finding import Identifying
from engine.deidentification.id_numbers import check_digit

K = Identifying


def _words(*lines: str) -> list[str]:
    return " ".join(lines).split()


SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金"
    "陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段钱汤尹黎易常武乔贺赖龚文"
)
COMPOUND = (
    "欧阳",
    "司马",
    "上官",
    "诸葛",
    "司徒",
    "慕容",
    "皇甫",
    "令狐",
    "宇文",
    "长孙",
    "尉迟",
    "东方",
    "公孙",
    "夏侯",
)
GIVEN = _words(
    "伟 芳 娜 敏 静 丽 强 磊 军 洋 勇 艳 杰 娟 涛 明 超 霞 平 刚 鑫 婷 雪 慧 莹 玲 浩 凯 宇 晨 桂英 文静",
    "志强 晓明 雅琴 思远 雨欣 子涵 浩然 梓萱 佳怡 俊杰 欣妍 宇航 诗涵 天佑 建国 建华 国强 秀兰 秀英 玉梅",
    "海燕 春梅 丽华 晓燕 小红 文博 嘉豪 一诺 子轩 若曦 梦瑶 语嫣 明哲 泽宇 永强 卫东 红梅 淑珍 德明 美玲",
    "家豪 立新",
)
CITIES = (
    ("浙江省", "杭州市", "西湖区"), ("广东省", "深圳市", "南山区"), ("江苏省", "苏州市", "姑苏区"),
    ("四川省", "成都市", "武侯区"),
    ("", "北京市", "朝阳区"), ("", "上海市", "浦东新区"), ("湖北省", "武汉市", "江汉区"), ("", "重庆市", "渝中区"),
    ("福建省", "厦门市", "思明区"), ("河南省", "郑州市", "金水区"), ("内蒙古自治区", "呼和浩特市", "新城区"),
)  # fmt: skip
ROADS = (
    "文三路",
    "人民中路",
    "建国路",
    "中山大道",
    "解放西路",
    "学院路",
    "科技园路",
    "长江北路",
    "和平街",
    "世纪大道",
    "迎宾路",
    "滨江东路",
)
ESTATES = (
    "阳光花园",
    "翠湖小区",
    "万科城市花园",
    "御景苑",
    "龙湖天街公寓",
    "恒大名都",
    "绿地中央广场",
    "梧桐家园",
    "金色家园",
    "幸福新村",
)
FIRST = _words(
    "James Mary John Emily Michael Sarah David Laura Daniel Emma Thomas Olivia Peter Karen Brian Rachel",
    "Kevin Julia Simon Helen",
)
LAST = _words(
    "Smith Johnson Brown Taylor Wilson Clark Walker Hughes Bennett Foster Turner Cooper Morgan Fletcher",
    "Reynolds Sullivan",
)
PINYIN = (
    "Wang Xiaoming",
    "Li Na",
    "Zhang Wei",
    "Chen Yuxin",
    "Liu Yang",
    "Zhao Lei",
    "Huang Jiahao",
    "Zhou Min",
    "Xu Ting",
    "Lin Haoran",
)
STREETS = (
    "Baker Street",
    "Oak Avenue",
    "Maple Drive",
    "King's Road",
    "Victoria Lane",
    "Park Boulevard",
    "Queen Street",
    "Elm Court",
)
MAILS = ("qq.com", "163.com", "gmail.com", "outlook.com", "example.com.cn", "vip.sina.com", "hotmail.co.uk")


@dataclass(frozen=True)
class Planted:
    """A text and what was planted in it: from where to where, and what it is."""

    text: str
    pieces: Sequence[tuple[int, int, Identifying]]


class Personal:
    """Makes up people and their data; the same seed makes up the same."""

    def __init__(self, seed: int) -> None:
        """`seed` of the generator."""
        self.chance = Random(seed)

    def digits(self, count: int) -> str:
        return "".join(self.chance.choice("0123456789") for _digit in range(count))

    def name(self) -> str:
        surname = self.chance.choice(COMPOUND) if self.chance.random() < 0.12 else self.chance.choice(SURNAMES)
        return surname + self.chance.choice(GIVEN)

    def surname(self) -> str:
        return self.chance.choice(COMPOUND) if self.chance.random() < 0.1 else self.chance.choice(SURNAMES)

    def mobile(self) -> str:
        plain = self.chance.choice(("13", "15", "17", "18", "19")) + self.digits(9)
        shapes: tuple[Callable[[], str], ...] = (
            lambda: plain,
            lambda: plain,
            lambda: f"{plain[:3]}-{plain[3:7]}-{plain[7:]}",
            lambda: f"{plain[:3]} {plain[3:7]} {plain[7:]}",
            lambda: f"+86 {plain}",
            lambda: f"+86-{plain[:3]}-{plain[3:7]}-{plain[7:]}",
            lambda: plain.translate(str.maketrans("0123456789", "０１２３４５６７８９")),
            lambda: plain.translate(str.maketrans("0123456789", "零幺二三四五六七八九")),
        )
        return self.chance.choice(shapes)()

    def landline(self) -> str:
        area = self.chance.choice(("010", "021", "0571", "0755", "028", "0512"))
        first = self.chance.choice("2345678")
        return self.chance.choice(
            (
                f"{area}-{first}{self.digits(7)}",
                f"({area}){first}{self.digits(7)}",
                f"{area} {first}{self.digits(3)} {self.digits(4)}",
                f"{area}{first}{self.digits(6)}-{self.digits(3)}",
                f"400-{self.digits(3)}-{self.digits(4)}",
            )
        )

    def email(self) -> str:
        user = self.chance.choice(("zhang", "li.na", "wang_88", "sunny-day", "k")) + self.digits(3)
        host = self.chance.choice(MAILS)
        return self.chance.choice(
            (f"{user}@{host}", f"{user}@{host}", f"{user} @ {host}", f"{user}＠{host}", f"{user}(at){host}")
        )

    def id_number(self) -> str:
        born = date(1950, 1, 1) + timedelta(days=self.chance.randrange(20_000))
        region = self.chance.choice(("110105", "310115", "330106", "440305", "510107", "420103", "150102"))
        first = f"{region}{born:%Y%m%d}{self.digits(3)}"
        whole = first + check_digit(first)
        return self.chance.choice((whole, whole, whole.lower(), f"{whole[:6]} {whole[6:14]} {whole[14:]}"))

    def passport(self) -> str:
        return self.chance.choice("EG") + self.digits(8)

    def card(self) -> str:
        body = self.chance.choice(("622202", "621700", "436742", "5187")) + self.digits(9)
        for last in "0123456789":
            if _luhn(body + last):
                body += last
                break
        return self.chance.choice((body, " ".join(body[i : i + 4] for i in range(0, len(body), 4))))

    def plate(self) -> str:
        start = self.chance.choice("京沪浙粤苏川鄂渝闽豫") + self.chance.choice("ABCDEF")
        number = self.chance.choice((self.digits(5), f"D{self.digits(5)}", f"{self.digits(2)}K{self.digits(2)}"))
        return start + self.chance.choice(("", "·", " ")) + number

    def order(self) -> str:
        return self.chance.choice(
            (
                f"JD{self.digits(12)}",
                f"SF{self.digits(13)}",
                f"{self.digits(16)}",
                f"DD-{self.digits(10)}",
                f"2026{self.digits(10)}",
                f"YT{self.digits(13)}",
            )
        )

    def address(self) -> str:
        province, city, district = self.chance.choice(CITIES)
        road = f"{self.chance.choice(ROADS)}{self.chance.randrange(1, 999)}号"
        estate = f"{self.chance.choice(ESTATES)}{self.chance.randrange(1, 30)}栋"
        door, place = self.chance.randrange(101, 2805), self.chance.choice(ESTATES)
        house, stair = self.chance.randrange(1, 30), self.chance.randrange(1, 5)
        room = f"{stair}单元{door}室"
        return self.chance.choice(
            (
                f"{province}{city}{district}{road}{estate}{room}",
                f"{city}{district}{road}{room}",
                f"{district}{place}{house}号楼{door}室",
                f"{city}{district}{road}",
                f"{place}{house}-{stair}-{door}",
                f"{road}",
            )
        )

    def english_name(self) -> str:
        if self.chance.random() < 0.3:
            return self.chance.choice(PINYIN)
        return f"{self.chance.choice(FIRST)} {self.chance.choice(LAST)}"

    def english_address(self) -> str:
        street = f"{self.chance.randrange(1, 400)} {self.chance.choice(STREETS)}"
        room, house = self.chance.randrange(101, 2805), self.chance.randrange(1, 30)
        return self.chance.choice(
            (
                f"{street}, London NW1 6XE",
                f"{street}, Apt {self.chance.randrange(1, 60)}, Springfield, IL 62704",
                f"Flat {self.chance.randrange(1, 60)}, {street}, Manchester",
                f"Room {room}, Building {house}, Zhongshan Road, Shanghai",
            )
        )

    def english_phone(self) -> str:
        return self.chance.choice(
            (
                f"+44 20 7946 {self.digits(4)}",
                f"(415) 555-{self.digits(4)}",
                f"415-555-{self.digits(4)}",
                f"+86 138 {self.digits(4)} {self.digits(4)}",
                f"020 7946 {self.digits(4)}",
                f"1-800-555-{self.digits(4)}",
            )
        )

    def makers(self) -> dict[str, tuple[Callable[[], str], Identifying]]:
        """What stands between braces in a template."""
        return {
            "name": (self.name, K.NAME),
            "surname": (self.surname, K.NAME),
            "mobile": (self.mobile, K.PHONE),
            "landline": (self.landline, K.PHONE),
            "email": (self.email, K.EMAIL),
            "id": (self.id_number, K.ID_NUMBER),
            "passport": (self.passport, K.ID_NUMBER),
            "card": (self.card, K.CARD_NUMBER),
            "plate": (self.plate, K.PLATE),
            "order": (self.order, K.ORDER_NUMBER),
            "address": (self.address, K.ADDRESS),
            "wechat": (lambda: f"wx_{self.digits(6)}", K.PHONE),
            "ename": (self.english_name, K.NAME),
            "eaddress": (self.english_address, K.ADDRESS),
            "ephone": (self.english_phone, K.PHONE),
        }

    def text(self) -> Planted:
        """One to three sentences in one language, with somebody's data in each."""
        sentences = CHINESE if self.chance.random() < 0.7 else ENGLISH
        glue = "" if sentences is CHINESE else " "
        return self.fill(glue.join(self.chance.choice(sentences) for _sentence in range(self.chance.randint(1, 3))))

    def fill(self, template: str) -> Planted:
        """The template with made-up data in place of its names in braces."""
        makers, text, pieces = self.makers(), "", []
        for literal, name, _spec, _conversion in Formatter().parse(template):
            text += literal
            if name:
                make, kind = makers[name]
                made = make()
                pieces.append((len(text), len(text) + len(made), kind))
                text += made
        return Planted(text, pieces)


def _luhn(digits: str) -> bool:
    doubled = [int(d) * (2 if place % 2 else 1) for place, d in enumerate(reversed(digits))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


CHINESE = (
    "客户{name}来电，反映耳机一边没有声音，要求换货，联系电话{mobile}。",
    "{name}女士表示退款七天仍未到账，卡号{card}，请财务核实。",
    "用户{name}（手机{mobile}）投诉配送员态度差。",
    "{surname}先生询问会员权益，回访电话{mobile}。",
    "收件人：{name}，电话：{mobile}，地址：{address}。",
    "快递寄到{address}，签收人{name}。",
    "客户称住在{address}，希望明天上午上门安装。",
    "订单号{order}一直显示待发货，客户{name}很着急。",
    "查到订单{order}已签收，但客户说没有收到。",
    "运单号：{order}，目前停在转运中心。",
    "客户提供身份证{id}，要求更正实名信息。",
    "身份证号码为{id}，姓名{name}，核对一致。",
    "护照号{passport}与登记不符，已请客户补充材料。",
    "车主{name}，车牌{plate}，停车费重复扣款。",
    "{plate}的车辆在入口处无法识别，客户拨打{landline}求助。",
    "发票请寄到邮箱{email}，抬头按公司名称开具。",
    "客户的邮箱是{email}，收不到验证码。",
    "公司座机{landline}无人接听，改打{mobile}联系到本人。",
    "我叫{name}，昨天买的净水器漏水了。",
    "本人{name}，因账号被盗，申请冻结，尾号见附件，手机{mobile}。",
    "{name}昨天来电投诉重复扣费两次，要求道歉并退款。",
    "坐席告知{name}预计三个工作日到账，{name}也在场。",
    "联系人{name}，微信号{wechat}，方便时请添加。",
    "客户微信：{wechat}，已同意添加好友沟通。",
    "经核实，{surname}小姐于当天下午收到补发的商品，表示满意。",
    "{surname}女士和{name}先生是同一账户，请合并处理。",
    "转接给{surname}经理后，客户{name}情绪缓和。",
    "客户地址由{address}改为公司，其余不变。",
    "家住{address}的客户反映上门师傅迟到。",
    "银行卡{card}扣款失败，客户要求更换支付方式。",
    "持卡人{name}，卡号 {card}，请人工核验。",
    "客户{name}的身份证{id}和银行卡{card}已核验通过。",
    "回访{name}，号码{mobile}，客户表示问题已解决。",
    "已向{name}致歉，并承诺补发，新订单{order}。",
    "老客户{name}反映，更新之后应用闪退。",
    "会员{name}的积分被清零，手机号{mobile}，邮箱{email}。",
    "请联系{name}，电话{landline}转前台。",
    "报修人：{name}；地点：{address}；电话：{mobile}",
    "姓名：{name}\n电话：{mobile}\n地址：{address}\n订单：{order}",
    "{name}，{mobile}，{address}",
)
ENGLISH = (
    "Mr {ename} called about order {order}; please ring back on {ephone}.",
    "My name is {ename} and my parcel {order} never arrived.",
    "Customer {ename} lives at {eaddress} and wants the visit moved to Friday.",
    "The refund goes to card {card}, account holder {ename}.",
    "She can be reached at {email} or {ephone}.",
    "Please send the invoice to {email}.",
    "The address is {eaddress}.",
    "I spoke with {ename} yesterday, who was very upset about the delay.",
    "Contact: {ename}, phone {ephone}, e-mail {email}.",
    "{ename} asked for a replacement; tracking number {order}.",
    "Passport {passport} does not match the booking of {ename}.",
    "Dear {ename}, your order {order} has been shipped to {eaddress}.",
    "Ms {ename} paid with {card} twice and wants one payment back.",
    "His number is {ephone}, ask for {ename}.",
    "Signed for by {ename} at {eaddress}.",
    "ID card {id}, name {ename}, checked and correct.",
)
CLEAN_CHINESE = (
    "客户方便时请再次联系，确认是否收到补发的商品。",
    "用户高兴地表示问题已经解决。",
    "客户周末来电，高峰期间等待时间较长。",
    "平台应当在三个工作日内完成退款。",
    "客户全额退款后再次下单，程序显示正常。",
    "于是坐席安排维修师傅上门检查。",
    "套餐里的流量怎么查询？",
    "会员权益为什么没有到账？",
    "怎样修改收货地址？",
    "开机后一直停在启动页面，怎么处理？",
    "手机号换了，怎么登录原来的账号？",
    "账号提示异常登录，被锁定了。",
    "实名信息填错了，可以更正吗？",
    "支付时一直提示网络错误。",
    "更新之后应用闪退。",
    "上传图片失败，换了网络也不行。",
    "上次说好三天回复，到现在没有人联系我。",
    "配送员态度很差，要求道歉。",
    "重复扣费两次，要求退款并说明原因。",
    "耳机一边没有声音，想换货。",
    "退款已经七天了，还没有到账。",
    "维修进度在哪里查？",
    "希望订单列表可以按时间筛选。",
    "建议客服电话增加按键返回。",
    "核对账户信息后为客户重新下发权益。",
    "指导客户清除缓存并重新登录。",
    "记录现象并提交技术处理，告知预计时间。",
    "向客户致歉，核实后提交退款申请。",
    "按流程登记，转相关部门跟进。",
    "问题已解决，客户确认。",
    "退款已提交，预计三个工作日到账。",
    "非常满意，解决很快。",
    "一般，等待时间有点长。",
    "不太满意，解释不清楚。",
    "坐席未使用规范开场白，扣2分。",
    "质检员认为坐席没有主动服务意识。",
    "部门经理批准了本月的质检报告。",
    "主管要求班组长每周组织一次复盘。",
    "产品经理反馈，新版本将于下周三上线。",
    "项目经理和技术支持共同排查了故障。",
    "客户要求升级到主管处理，班组长已接手。",
    "客户表示理解，同意等待至月底。",
    "任何情况下不得承诺超出政策的补偿。",
    "金卡会员每年可享受两次免费清洗。",
    "包裹显示已签收，但客户否认，启动赔付流程。",
    "安装师傅未按约定时间到达，客户非常生气。",
    "连接蓝牙时提示失败，重启后恢复正常。",
    "白天无人接听，改为晚上八点回访。",
    "成功提交工单后，系统会自动发送短信。",
    "严重故障须在30分钟内上报。",
    "明确告知客户费用为199元，有效期12个月。",
    "文件大小不能超过20MB。",
    "解决率为86.5%，比上月提高2.3个百分点。",
    "满意度从4.2分提高到4.6分。",
    "2026年5月4日14:30，客户再次来电。",
    "2026-05-04 14:30:25 系统自动派单。",
    "服务时间为9:00至23:00，全年无休。",
    "本次活动从6月1日到6月18日，最高优惠500元。",
    "型号为X200的净水器滤芯每6个月更换一次。",
    "客户使用的是安卓14系统，应用版本5.12.3。",
    "请客户将设备恢复出厂设置后重试。",
    "应答时长平均22秒，通话时长平均4分10秒。",
    "马上为您查询，请稍等。",
    "关于运费问题，已按政策免除。",
    "路由器放在客厅，卧室信号较弱。",
    "车辆已驶离，停车费为15元。",
    "温馨提示：请勿将验证码告诉他人。",
    "华为和小米的手机都可以使用该应用。",
    "江苏和浙江地区的物流受台风影响延迟。",
    "北京、上海、广州三地支持次日达。",
    "双方协商后，客户接受了50元的优惠券。",
    "客户对处理结果表示认可，未再提出异议。",
    "常见问题已更新到知识库，请各班组学习。",
    "高级客服在第二线处理技术问题。",
    "温度过高会导致设备自动关机。",
    "石材台面不在保修范围之内。",
    "黄色指示灯闪烁表示正在升级。",
    "查询后发现系统时间比实际慢了5分钟。",
    "易损件不享受三包，客户已知悉。",
    "客户从第1排座位换到第3排。",
    "经理已经审批，预计明天到账。",
    "毕竟是第一次购买，客户不熟悉流程。",
    "时间久了，塑料外壳会有些发黄。",
    "单位采购的发票需要填写税号。",
    "常规检查没有发现问题，建议观察两天。",
    "向上级汇报后，按特殊情况处理。",
    "客户的母亲不会使用智能手机，由客户代为操作。",
    "小区门口的快递柜已满，改放物业前台。",
    "老师讲解了投诉处理的四个步骤。",
    "培训讲师要求学员完成两次模拟通话。",
    "通过率为92%，高于目标值。",
    "本案例说明：先安抚情绪，再说明政策。",
    "坐席应先确认客户诉求，再给出处理方案。",
    "教训是：承诺时间之前要先查库存。",
    "金额较大的退款须由主管复核。",
    "客户说水管漏水，地板都泡了。",
    "宝宝用的奶瓶有异味，要求检测报告。",
    "客户在直播间下单，赠品没有发。",
    "夏天空调安装高峰，预约要排到下周。",
    "商家没有按页面描述发货。",
    "万一再次发生，请客户保留照片。",
    "明天上午十点前会给出答复。",
    "请在工单备注中写明原因和时限。",
    "客户对第二次回访的语气不满意。",
)
CLEAN_ENGLISH = (
    "The customer asked how to change the delivery address.",
    "The refund takes three working days.",
    "Please apologise first, then explain the policy.",
    "The app crashed after the update to version 5.12.3.",
    "He was very upset about the long wait.",
    "She had been waiting since Monday.",
    "The agent forgot the greeting and lost 2 points.",
    "The device restarts every 10 minutes.",
    "Our Service Level Agreement allows 24 hours.",
    "The Quality Team reviews 20 records a month.",
    "Average handling time was 4 minutes 10 seconds in May 2026.",
    "The customer accepted a voucher of 50 yuan.",
    "On 4 May 2026 at 14:30 the customer called again.",
    "The Department Manager approved the report.",
    "Please restart the router and try again.",
    "Bluetooth pairing failed twice.",
    "The parcel was marked as delivered, but nobody received it.",
    "Satisfaction rose from 4.2 to 4.6.",
    "The shift lead took over the call.",
    "A supervisor called back within one hour.",
    "Order status was unclear to the agent.",
    "The technician came late and did not apologise.",
    "Customers in Beijing and Shanghai get next-day delivery.",
    "The warranty covers 12 months from the day of purchase.",
    "This case shows why agents should never promise a date.",
    "The price is 199 yuan and includes installation.",
    "Dear Customer, thank you for your patience.",
    "Hello, how may I help you?",
    "The number of complaints fell by 15 percent.",
    "Call quality was poor on both sides.",
    "The customer was transferred to Tier 2.",
    "Long waits on Sunday led to many complaints.",
    "An error message appeared on the screen.",
    "The contact centre is open from 9:00 to 23:00.",
    "I am sorry for the inconvenience.",
    "This is the third time the customer has called.",
    "The account was locked after five attempts.",
    "Please call the customer back in the afternoon.",
    "Thanks to the quick reply the customer stayed with us.",
    "The Android version behaves differently from the iOS version.",
)


def planted(count: int, seed: int = 20260504) -> Iterator[Planted]:
    """So many texts with personal data."""
    made = Personal(seed)
    return (made.text() for _text in range(count))
