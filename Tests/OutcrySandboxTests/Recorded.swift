/// Replies of the venue as clients recorded them, cut to one element a list.
///
/// From sferik/mtgox, knowm/XChange (both MIT) and cointhink/mtgox-orderbook (BSD).
enum Recorded {
    /// knowm/XChange `2e9ff59d5e7c`, `example-ticker-data.json`, 2013-03.
    static let ticker = """
        {"high":{"value":"94.98000","value_int":"9498000","display":"$94.98",
        "display_short":"$94.98","currency":"USD"},
        "low":{"value":"85.50000","value_int":"8550000","display":"$85.50",
        "display_short":"$85.50","currency":"USD"},
        "avg":{"value":"90.45971","value_int":"9045971","display":"$90.46",
        "display_short":"$90.46","currency":"USD"},
        "vwap":{"value":"90.73124","value_int":"9073124","display":"$90.73",
        "display_short":"$90.73","currency":"USD"},
        "vol":{"value":"49524.15110020","value_int":"4952415110020","display":"49,524.15\\u00a0BTC",
        "display_short":"49,524.15\\u00a0BTC","currency":"BTC"},
        "last_local":{"value":"91.46000","value_int":"9146000","display":"$91.46",
        "display_short":"$91.46","currency":"USD"},
        "last_orig":{"value":"91.46000","value_int":"9146000","display":"$91.46",
        "display_short":"$91.46","currency":"USD"},
        "last_all":{"value":"91.46000","value_int":"9146000","display":"$91.46",
        "display_short":"$91.46","currency":"USD"},
        "last":{"value":"91.46000","value_int":"9146000","display":"$91.46",
        "display_short":"$91.46","currency":"USD"},
        "buy":{"value":"90.68502","value_int":"9068502","display":"$90.69",
        "display_short":"$90.69","currency":"USD"},
        "sell":{"value":"91.45898","value_int":"9145898","display":"$91.46",
        "display_short":"$91.46","currency":"USD"},
        "now":"1364669160478556"}
        """
    /// sferik/mtgox `031308d64fab`, `depth.json`, 2013-04.
    static let depth = """
        {"result":"success","return":{"asks":[{"price":114,"amount":0.43936758,
        "price_int":"11400000","amount_int":"43936758","stamp":"1365861677937206"}],
        "bids":[{"price":113,"amount":124.69802063,"price_int":"11300000",
        "amount_int":"12469802063","stamp":"1365861666463212"}],
        "filter_min_price":{"value":"102.60000","value_int":"10260000","display":"$102.60",
        "display_short":"$102.60","currency":"USD"},
        "filter_max_price":{"value":"125.40000","value_int":"12540000","display":"$125.40",
        "display_short":"$125.40","currency":"USD"}}}
        """
    /// sferik/mtgox `031308d64fab`, `trades.json`, 2013-04.
    static let trades = """
        {"result":"success","return":[{"date":1365779998,"price":"72.98274","amount":"0.0139",
        "price_int":"7298274","amount_int":"1390000","tid":"1365779998558564",
        "price_currency":"USD","item":"BTC","trade_type":"bid","primary":"Y",
        "properties":"market"}]}
        """
    /// cointhink/mtgox-orderbook `634feed1174b`, `test/connect.js`, 2013-04-22.
    static let streamDepth = """
        {"channel":"24e67e0d-1cad-4cc0-9e7a-f8523ef460fe","channel_name":"depth.BTCUSD",
        "op":"private","origin":"broadcast","private":"depth","depth":{"price":"116.92","type":2,
        "type_str":"bid","volume":"0","price_int":"11692000","volume_int":"0","item":"BTC",
        "currency":"USD","now":"1366664736649566","total_volume_int":"199613915"}}
        """
    /// cointhink/mtgox-orderbook `634feed1174b`, `test/connect.js`, 2013-04-22.
    static let streamLag = """
        {"channel":"85174711-be64-4de1-b783-0628995d7914","channel_name":"trade.lag",
        "op":"private","origin":"broadcast","private":"lag","lag":{
        "qid":"8fd6533c-d863-4218-bd04-859dae934f22","stamp":"1366665922761866","age":1170860}}
        """
    /// knowm/XChange `b44fb11217e0`, 2013-03-30, keys sorted there; with the `channel_name` that
    /// came in April.
    static let streamTrade = """
        {"channel":"dbf1dee9-4f2e-4a08-8cb7-748919a71b21","channel_name":"trade.BTC",
        "op":"private","origin":"broadcast","private":"trade","trade":{"amount":0.01851242,
        "amount_int":"1851242","date":1364652424,"item":"BTC","price":90.79995,
        "price_currency":"USD","price_int":"9079995","primary":"Y","properties":"limit",
        "tid":"1364652424875559","trade_type":"ask","type":"trade"}}
        """
    private static let money = """
        {"currency":"USD","display":"$90.43573","display_short":"$90.44","value":"90.43573",
        "value_int":"9043573"}
        """
    /// The payload of 2013-04-21 (a test of nu.milsson.bitbot) in the frame of the others.
    static let streamTicker = """
        {"channel":"d5f06780-30a8-4a48-a2f8-7ed181b4a13f","channel_name":"ticker.BTCUSD",
        "op":"private","origin":"broadcast","private":"ticker","ticker":{"high":\(money),
        "low":\(money),"avg":\(money),"vwap":\(money),"vol":\(money),"last_local":\(money),
        "last_orig":\(money),"last_all":\(money),"last":\(money),"buy":\(money),"sell":\(money),
        "item":"BTC","now":"1366505062575767"}}
        """
}
