"""The vocabulary of an invented university, English and Chinese side by side.

Nothing here names a real school, person or project. Places in a row mean the same in both
languages, so that a translated pair of articles tells one story.
"""

from __future__ import annotations

LANGUAGES = ("en", "zh")

UNIVERSITY = ("Yuelin University", "岳麟大学")

SCHOOLS = (
    ("School of Bridge Engineering", "桥梁工程学院"),
    ("School of River and Lake Sciences", "江湖科学学院"),
    ("School of Light Alloys", "轻合金学院"),
    ("School of Computational Medicine", "计算医学院"),
    ("School of Rail Transit", "轨道交通学院"),
    ("School of Mineral Resources", "矿产资源学院"),
    ("School of Nursing and Health", "护理与健康学院"),
    ("School of Public Affairs", "公共事务学院"),
    ("School of Foreign Languages", "外国语言学院"),
    ("School of Architecture and Craft", "建筑与工艺学院"),
    ("School of Mathematics and Data", "数学与数据学院"),
    ("School of Energy Storage", "储能学院"),
    ("School of Marine Acoustics", "海洋声学学院"),
    ("School of Journalism", "新闻学院"),
    ("School of Life Sciences", "生命科学学院"),
    ("School of Chemistry", "化学学院"),
    ("School of Law", "法学院"),
    ("School of Geodesy", "测地学院"),
    ("Institute of Precision Metallurgy", "精密冶金研究院"),
    ("Institute of Rural Studies", "乡村研究院"),
    ("Lakeside Hospital", "湖畔医院"),
    ("Graduate School", "研究生院"),
    ("University Library", "图书馆"),
)

PARTNERS = (
    ("Norrland Institute of Technology", "诺尔兰理工学院"),
    ("University of Port Ellery", "埃勒里港大学"),
    ("Kitahama University", "北滨大学"),
    ("Technical University of Lindau Valley", "林道谷工业大学"),
    ("Hanbit Institute of Science", "韩光科学院"),
    ("University of Alder Bay", "桤木湾大学"),
    ("Saint Brannoc College", "圣布兰诺克学院"),
    ("Zambezi Polytechnic", "赞比西理工大学"),
    ("Royal Academy of Vestmark", "维斯特马克皇家学院"),
    ("Pan-Andean University", "泛安第斯大学"),
    ("Danube School of Mines", "多瑙矿业大学"),
    ("University of Coral Point", "珊瑚角大学"),
    ("Tasman Straits University", "塔斯曼海峡大学"),
    ("Mekong Water Institute", "湄公水利学院"),
    ("Karsten Foundation", "卡斯滕基金会"),
    ("Blue Heron Laboratory", "蓝鹭实验室"),
    ("Jinhe Steel Group", "金河钢铁集团"),
    ("Tongyue Rail Works", "通岳轨道集团"),
    ("Qingxi City Government", "清溪市人民政府"),
)

PROJECTS = (
    ("River Basin Digital Twin", "流域数字孪生"),
    ("Quiet Wheel", "静音车轮"),
    ("Deep Vein Exploration", "深部矿脉勘探"),
    ("Open Bedside Data", "开放床旁数据"),
    ("Cold Start Battery", "低温启动电池"),
    ("Living Timber Archive", "古木构数字档案"),
    ("Clean Smelting 2030", "清洁冶炼2030"),
    ("Mountain School Companion", "山村学校陪伴计划"),
    ("Lightweight Bogie", "轻量化转向架"),
    ("Wetland Bird Census", "湿地鸟类普查"),
    ("Safe Tunnel", "平安隧道"),
    ("Early Warning for Landslides", "滑坡早期预警"),
    ("Handwriting of the Chu Slips", "楚简书写研究"),
    ("Second Life of Slag", "矿渣再生"),
    ("Gentle Robotics for Rehabilitation", "柔性康复机器人"),
    ("One Thousand Herbs", "千草图谱"),
    ("Acoustic Map of the Lake", "湖区声学地图"),
    ("Graduate Abroad", "研究生海外研修计划"),
)

PLACES = (
    ("Lakeside Hall", "湖畔礼堂"),
    ("the New Campus Library", "新校区图书馆"),
    ("Lecture Hall 3 of the Old Campus", "老校区三号报告厅"),
    ("the Rail Transit Test Centre", "轨道交通试验中心"),
    ("the International Conference Centre", "国际会议中心"),
    ("the Camphor Garden", "香樟园"),
    ("the Science Building", "科学楼"),
    ("the Student Activity Centre", "大学生活动中心"),
)

SURNAMES = (
    ("Zhou", "周"), ("Shen", "沈"), ("Qiu", "邱"), ("Bai", "白"), ("Luo", "罗"), ("Xiang", "向"),
    ("Tao", "陶"), ("Meng", "孟"), ("Ruan", "阮"), ("Cheng", "程"), ("Yi", "易"), ("Gu", "顾"),
)  # fmt: skip
GIVEN = (
    ("Mingyuan", "明远"), ("Siqi", "思齐"), ("Yutong", "雨桐"), ("Jianing", "佳宁"),
    ("Haoran", "浩然"), ("Lanxin", "兰馨"), ("Zhiyuan", "致远"), ("Wenbo", "文博"),
    ("Qinghe", "清和"), ("Ruoshui", "若水"), ("Kexin", "可欣"), ("Chengzhi", "承志"),
)  # fmt: skip

OFFICES = (
    ("News Center", "新闻中心"),
    ("Graduate School", "研究生院"),
    ("Office of International Cooperation", "国际合作处"),
    ("Office of Scientific Research", "科研部"),
    ("Undergraduate School", "本科生院"),
    ("Student Affairs Office", "学生工作部"),
    ("Youth League Committee", "校团委"),
)

# (title, first paragraph, second paragraph) in both languages
TOPICS = (
    (
        (
            "%(partner)s Delegation Visits the %(school)s",
            "On %(day)s, a delegation of %(n)d members from %(partner)s visited %(university)s. %(person)s, "
            "dean of the %(school)s, received the guests in %(place)s and introduced the history and the "
            "present work of the school.",
            "Both sides spoke about joint supervision of doctoral students, the exchange of teachers and "
            "the project “%(project)s”, and agreed to set up a working group before the end of the term.",
        ),
        (
            "%(partner)s代表团访问%(school)s",
            "%(day)s，%(partner)s代表团一行%(n)d人到访%(university)s。%(school)s院长%(person)s在%(place)s"
            "会见了来宾，介绍了学院的办学历史和近期工作。",
            "双方就博士生联合培养、教师互访以及“%(project)s”项目进行了深入交流，商定在本学期结束前成立联合工作组。",
        ),
    ),
    (
        (
            "%(school)s Signs a Memorandum of Understanding with %(partner)s",
            "The %(school)s of %(university)s and %(partner)s signed a memorandum of understanding on "
            "%(day)s in %(place)s. It is valid for five years and covers research, teaching and the "
            "exchange of students.",
            "According to the memorandum, %(n)d students will spend a term at the partner each year, and "
            "laboratories working on “%(project)s” will share their equipment and data.",
        ),
        (
            "%(school)s与%(partner)s签署合作备忘录",
            "%(day)s，%(university)s%(school)s与%(partner)s在%(place)s签署合作备忘录。备忘录有效期五年，"
            "涵盖科学研究、人才培养和学生交流等内容。",
            "根据备忘录，双方每年互派%(n)d名学生进行为期一学期的学习，参与“%(project)s”的实验室将共享设备与数据。",
        ),
    ),
    (
        (
            "“%(project)s” Wins the First Prize of the Provincial Science Award",
            "The results of this year's provincial science awards were announced on %(day)s. The project "
            "“%(project)s”, led by Professor %(person)s of the %(school)s, won the first prize.",
            "The work took %(n)d years. Its methods are now used by %(partner)s and have been described in "
            "a series of papers, the data of which are open to everyone.",
        ),
        (
            "“%(project)s”项目获省科学技术奖一等奖",
            "%(day)s，本年度省科学技术奖评审结果公布，%(school)s%(person)s教授主持的“%(project)s”项目荣获一等奖。",
            "该项目历时%(n)d年，研究方法已在%(partner)s得到应用，相关成果发表系列论文，全部数据向社会开放。",
        ),
    ),
    (
        (
            "Students of the %(school)s Take Gold at the National Design Contest",
            "A team of four undergraduates from the %(school)s won a gold medal at the national student "
            "design contest, whose final took place on %(day)s. Their entry grew out of “%(project)s”.",
            "The team prepared for %(n)d weeks in %(place)s. “We rebuilt the model nine times,” said team "
            "leader %(person)s, “and the ninth one floated.”",
        ),
        (
            "%(school)s学子在全国大学生设计竞赛中夺金",
            "%(day)s，全国大学生设计竞赛总决赛落幕，%(school)s四名本科生组成的团队凭借源自“%(project)s”的作品获得金奖。",
            "备赛期间，团队在%(place)s连续工作了%(n)d周。队长%(person)s说：“模型我们推倒重来了九次，第九次终于成功了。”",
        ),
    ),
    (
        (
            "Lecture Series Opens: %(person)s on “%(project)s”",
            "The autumn lecture series of the %(school)s opened on %(day)s in %(place)s. Professor "
            "%(person)s gave the first talk, “%(project)s: What We Know and What We Do Not”.",
            "More than %(n)d0 students and teachers attended. The discussion afterwards, joined by guests "
            "from %(partner)s, lasted longer than the talk itself.",
        ),
        (
            "%(school)s系列讲座开讲 %(person)s谈“%(project)s”",
            "%(day)s，%(school)s秋季系列讲座在%(place)s开讲。%(person)s教授以“%(project)s：已知与未知”为题作首场报告。",
            "%(n)d0余名师生到场聆听。报告结束后，来自%(partner)s的嘉宾参与讨论，互动环节的时间超过了报告本身。",
        ),
    ),
    (
        (
            "New Laboratory for “%(project)s” Opens at the %(school)s",
            "A new laboratory of %(n)d00 square metres was opened on %(day)s at the %(school)s. It was "
            "built in eighteen months together with %(partner)s.",
            "Director %(person)s showed the first visitors around. The instruments may be booked by every "
            "member of the university through one common calendar.",
        ),
        (
            "“%(project)s”实验室在%(school)s揭牌",
            "%(day)s，面积%(n)d00平方米的新实验室在%(school)s揭牌。该实验室由%(university)s与%(partner)s历时十八个月共同建设。",
            "实验室主任%(person)s带领首批来宾参观。今后，全校师生均可通过统一的预约日历使用仪器设备。",
        ),
    ),
    (
        (
            "%(school)s Holds International Symposium with %(partner)s",
            "The international symposium on “%(project)s” was held from %(day)s on in %(place)s. Scholars "
            "from %(n)d countries and regions read papers in six sections.",
            "The opening address was given by %(person)s. The next symposium will be hosted by "
            "%(partner)s in two years.",
        ),
        (
            "%(school)s与%(partner)s共同举办国际学术研讨会",
            "%(day)s起，“%(project)s”国际学术研讨会在%(place)s举行，来自%(n)d个国家和地区的学者在六个分会场作报告。",
            "%(person)s在开幕式上致辞。下一届研讨会将于两年后由%(partner)s主办。",
        ),
    ),
    (
        (
            "%(person)s Elected Fellow of the Academy of Engineering Practice",
            "Professor %(person)s of the %(school)s has been elected a fellow of the Academy of "
            "Engineering Practice, as the academy made known on %(day)s.",
            "The citation names the results of “%(project)s” and %(n)d years of teaching. Colleagues from "
            "%(partner)s sent their congratulations.",
        ),
        (
            "%(person)s当选工程实践学会会士",
            "%(day)s，工程实践学会公布新当选会士名单，%(school)s%(person)s教授名列其中。",
            "授奖词肯定了其在“%(project)s”方面的成果以及%(n)d年的教学工作，%(partner)s的同行发来贺信。",
        ),
    ),
    (
        (
            "Summer Volunteers of the %(school)s Return from the Mountains",
            "On %(day)s, %(n)d volunteers of the %(school)s came home from six weeks of teaching in "
            "mountain schools. They were welcomed in %(place)s.",
            "The volunteers had taken part in “%(project)s”, which is supported by %(partner)s. Student "
            "%(person)s kept a diary that will be printed next spring.",
        ),
        (
            "%(school)s暑期志愿服务队返校",
            "%(day)s，%(school)s%(n)d名志愿者结束为期六周的山区支教返回学校，欢迎仪式在%(place)s举行。",
            "志愿者们参与的“%(project)s”得到%(partner)s的支持。学生%(person)s坚持写下的支教日记将于明年春天出版。",
        ),
    ),
    (
        (
            "%(university)s and %(partner)s Launch “%(project)s”",
            "%(university)s and %(partner)s launched the joint programme “%(project)s” on %(day)s. The "
            "%(school)s is responsible for its scientific part.",
            "In its first stage the programme offers %(n)d positions for young researchers. Applications "
            "are open to graduates of every field, said coordinator %(person)s.",
        ),
        (
            "%(university)s与%(partner)s启动“%(project)s”",
            "%(day)s，%(university)s与%(partner)s共同启动“%(project)s”联合项目，%(school)s负责其中的科学研究部分。",
            "项目协调人%(person)s介绍，首期将为青年研究人员提供%(n)d个岗位，各学科毕业生均可申请。",
        ),
    ),
    (
        (
            "Opening Ceremony of the %(school)s: Address by %(person)s",
            "The %(school)s welcomed %(n)d0 new students on %(day)s in %(place)s. The address was given by %(person)s.",
            "“You will hear many answers here,” %(person)s told the new students. “Collect questions. "
            "“%(project)s” began with one that a first-year student asked.”",
        ),
        (
            "%(school)s举行开学典礼 %(person)s寄语新生",
            "%(day)s，%(school)s在%(place)s迎来%(n)d0名新生，%(person)s在开学典礼上致辞。",
            "%(person)s对新生说：“在这里你们会听到许多答案，但请多收集问题。‘%(project)s’正是始于一位一年级学生的提问。”",
        ),
    ),
    (
        (
            "Field Report: “%(project)s” Reaches Its Half-Way Mark",
            "The project “%(project)s” of the %(school)s reached its half-way mark on %(day)s. An outside "
            "panel spent two days in %(place)s and rated the work as excellent.",
            "So far %(n)d data sets have been published. Project leader %(person)s thanked %(partner)s for "
            "the ship time and the patience.",
        ),
        (
            "“%(project)s”项目通过中期评估",
            "%(day)s，%(school)s“%(project)s”项目进入中期。外部专家组在%(place)s进行了为期两天的考察，评估结果为优秀。",
            "目前项目已公开%(n)d个数据集。项目负责人%(person)s感谢%(partner)s提供的条件与耐心支持。",
        ),
    ),
)
