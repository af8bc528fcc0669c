"""Invented customers for the sandbox, in the shape of a Partner Center export. Any likeness is chance."""

CUSTOMERS = """\
Microsoft ID,Company name,Primary domain name,Relationship,\
Services,Agreement,Delegated privileges,Severity A,Language,Contact,Phone,E-mail,WeCom,Hours
5d0c9a1e-0b7f-4c1e-9a52-1f3b7c20a001,上海晨曦电子科技有限公司,chenxi-demo.partner.onmschina.cn,Cloud Reseller
5d0c9a1e-0b7f-4c1e-9a52-1f3b7c20a002,北京远山信息技术有限公司,yuanshan-demo.partner.onmschina.cn,Cloud Reseller
5d0c9a1e-0b7f-4c1e-9a52-1f3b7c20a003,苏州云杉精密制造有限公司,yunshan-demo.partner.onmschina.cn,Cloud Reseller,\
Azure; Microsoft 365,21VCA,yes,no,zh,赵敏,0512 5550 0103,zhaomin@yunshan.example,zhaomin-ys,周一至周五 9:00–18:00
5d0c9a1e-0b7f-4c1e-9a52-1f3b7c20a004,广州海棠物流股份有限公司,haitang-demo.partner.onmschina.cn,Cloud Reseller
5d0c9a1e-0b7f-4c1e-9a52-1f3b7c20a005,成都竹溪食品有限公司,zhuxi-demo.partner.onmschina.cn,Cloud Reseller
5d0c9a1e-0b7f-4c1e-9a52-1f3b7c20a006,深圳蓝鲸软件有限公司,lanjing-demo.partner.onmschina.cn,Cloud Reseller
5d0c9a1e-0b7f-4c1e-9a52-1f3b7c20a007,杭州柳浪酒店管理有限公司,liulang-demo.partner.onmschina.cn,Cloud Reseller
5d0c9a1e-0b7f-4c1e-9a52-1f3b7c20a008,武汉江汉大药房连锁有限公司,jianghan-demo.partner.onmschina.cn,Cloud Reseller
5d0c9a1e-0b7f-4c1e-9a52-1f3b7c20a009,西安古城文化传播有限公司,gucheng-demo.partner.onmschina.cn,Cloud Reseller
5d0c9a1e-0b7f-4c1e-9a52-1f3b7c20a010,青岛礁石海洋工程有限公司,jiaoshi-demo.partner.onmschina.cn,Cloud Reseller
5d0c9a1e-0b7f-4c1e-9a52-1f3b7c20a011,Harbour & Finch Trading (Shanghai),harbour-demo.partner.onmschina.cn,\
Cloud Reseller,Microsoft 365; Power BI,OSPA,yes,yes,en,Grace Finch,021 5550 0111,grace@harbour.example,,around the clock
5d0c9a1e-0b7f-4c1e-9a52-1f3b7c20a012,Nordlicht Maschinenbau China,nordlicht-demo.partner.onmschina.cn,Cloud Reseller
5d0c9a1e-0b7f-4c1e-9a52-1f3b7c20a013,Maple Lane Logistics (Tianjin),maplelane-demo.partner.onmschina.cn,Cloud Reseller
5d0c9a1e-0b7f-4c1e-9a52-1f3b7c20a014,Saltwater Robotics Suzhou,saltwater-demo.partner.onmschina.cn,Cloud Reseller
5d0c9a1e-0b7f-4c1e-9a52-1f3b7c20a015,Quiet Orchard Foods (China),quietorchard-demo.partner.onmschina.cn,Cloud Reseller
5d0c9a1e-0b7f-4c1e-9a52-1f3b7c20a016,Brightwell Medical Beijing,brightwell-demo.partner.onmschina.cn,Cloud Reseller
"""
