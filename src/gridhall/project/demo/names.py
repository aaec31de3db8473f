"""Words from which the town's names are drawn. All people and firms are made up."""

# Family names with their rough frequency in a thousand.
FAMILIES: tuple[tuple[str, int], ...] = (
    ("王", 76), ("李", 74), ("张", 70), ("刘", 54), ("陈", 46), ("杨", 32), ("黄", 24), ("赵", 23), ("吴", 21),
    ("周", 20), ("徐", 17), ("孙", 16), ("马", 14), ("朱", 13), ("胡", 13), ("郭", 12), ("何", 12), ("林", 11),
    ("罗", 10), ("高", 10),
    ("郑", 9), ("梁", 9), ("谢", 8), ("宋", 8), ("唐", 7), ("许", 7), ("邓", 7), ("韩", 7), ("冯", 7), ("曹", 6),
    ("彭", 6), ("曾", 6), ("肖", 6), ("田", 5), ("董", 5), ("潘", 5), ("袁", 5), ("蔡", 5), ("蒋", 5), ("余", 5),
    ("于", 4), ("杜", 4), ("叶", 4), ("程", 4), ("魏", 4), ("苏", 4), ("吕", 4), ("丁", 4), ("任", 4), ("卢", 3),
    ("姚", 3), ("沈", 3), ("钟", 3), ("姜", 3), ("崔", 3), ("谭", 3), ("陆", 3), ("范", 3), ("汪", 3), ("廖", 3),
    ("石", 3), ("金", 3), ("韦", 2), ("贾", 2), ("夏", 2), ("付", 2), ("方", 2), ("邹", 2), ("熊", 2), ("白", 2),
    ("欧阳", 1), ("上官", 1), ("司徒", 1), ("诸葛", 1),
)  # fmt: skip

GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红梅建国文辉力云峰鹏飞波宁浩亮成健晓燕琳佳慧"
    "婷欣怡雪倩璐瑶宇轩子涵梓晨思远嘉诚博雅诗琪俊凯志鑫海龙春生福荣昌盛庆泽润安康乐天"
)

LATIN_NAMES = (
    "Anna Keller", "Ben Carter", "Carmen Ortiz", "David Osei", "Elif Demir", "Farid Haddad", "Grace Tan", "Hiro Sato",
    "Ines Moreau", "Jonas Berg", "Kavya Rao", "Liam Byrne", "Maya Cohen", "Nina Petrova", "Oscar Lind", "Paula Silva",
)  # fmt: skip

SHOPS = (
    "便利店", "面馆", "饺子馆", "理发店", "药房", "水果店", "书店", "花店", "茶馆", "咖啡馆", "五金店", "干洗店",
    "超市", "诊所", "网吧", "健身房", "幼儿园", "美容院", "火锅店", "烘焙坊", "服装店", "眼镜店", "汽车修理厂", "宾馆",
    "打印社",
)  # fmt: skip

SHOP_WORDS = (
    "湖光", "明珠", "德福", "万家", "阿水", "老街", "小城", "金桥", "同乐", "宏运", "晨曦", "江南", "百味", "永和",
    "如意", "悦来", "长青", "好邻居", "天天", "四季",
)  # fmt: skip

WORKS = (
    "机械制造有限公司", "纺织有限公司", "塑料制品有限公司", "食品有限公司", "电子科技有限公司", "水泥有限公司",
    "冷链物流有限公司", "造纸有限公司", "铸造有限公司", "玻璃有限公司", "饲料有限公司", "家具有限公司",
)  # fmt: skip

COMPOUNDS = (
    "明珠花园", "湖景苑", "翠竹园", "金桂小区", "书香里", "阳光新城", "水岸名居", "和平里", "梧桐苑", "春晓家园",
    "杏花村", "碧波庭", "锦绣园", "望湖楼", "银杏公寓", "桃源里",
)  # fmt: skip

STREETS = (
    "明珠路", "东湖大道", "书院街", "码头街", "桂花巷", "解放路", "人民路", "工农路", "塔山路", "望江街", "纺织路",
    "建设路", "北门街", "滨河路", "学府路", "胜利街", "灯塔路", "渔港路", "长堤街", "西山街",
)  # fmt: skip

STREETS_EN = (
    "Pearl Road", "East Lake Avenue", "Academy Street", "Wharf Street", "Osmanthus Lane", "Liberation Road",
    "People's Road", "Workers' Road", "Pagoda Road", "Riverview Street", "Weavers' Road", "Builders' Road",
    "Northgate Street", "Riverside Road", "College Road", "Victory Street", "Lighthouse Road", "Fishing Port Road",
    "Long Dyke Street", "Westhill Street",
)  # fmt: skip

# People who answer for areas, Chinese and Latin.
PERSONS = (
    ("王海涛", "Wang Haitao"), ("李秀英", "Li Xiuying"), ("张建国", "Zhang Jianguo"), ("刘芳", "Liu Fang"),
    ("陈志强", "Chen Zhiqiang"), ("杨丽", "Yang Li"), ("黄磊", "Huang Lei"), ("赵敏", "Zhao Min"),
    ("吴刚", "Wu Gang"), ("周静", "Zhou Jing"), ("徐鹏", "Xu Peng"), ("孙慧", "Sun Hui"),
    ("马超", "Ma Chao"), ("朱琳", "Zhu Lin"), ("胡波", "Hu Bo"), ("郭燕", "Guo Yan"),
    ("何勇", "He Yong"), ("林雪", "Lin Xue"), ("罗军", "Luo Jun"), ("高霞", "Gao Xia"),
    ("郑凯", "Zheng Kai"), ("梁红", "Liang Hong"), ("谢飞", "Xie Fei"), ("宋佳", "Song Jia"),
    ("唐宁", "Tang Ning"), ("许浩", "Xu Hao"), ("邓梅", "Deng Mei"), ("韩冰", "Han Bing"),
    ("冯俊", "Feng Jun"), ("曹娟", "Cao Juan"), ("彭亮", "Peng Liang"), ("曾琪", "Zeng Qi"),
    ("肖华", "Xiao Hua"), ("田园", "Tian Yuan"), ("董健", "Dong Jian"), ("潘婷", "Pan Ting"),
    ("袁峰", "Yuan Feng"), ("蔡欣", "Cai Xin"), ("蒋平", "Jiang Ping"), ("余乐", "Yu Le"),
    ("杜明", "Du Ming"), ("叶青", "Ye Qing"),
)  # fmt: skip
