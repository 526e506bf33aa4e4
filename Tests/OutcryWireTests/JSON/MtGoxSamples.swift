/// Messages of the Mt. Gox stream and its HTTP replies, as recorded or documented (public fixtures).
enum MtGoxSamples {
    static let depth = """
        {"channel":"24e67e0d-1cad-4cc0-9e7a-f8523ef460fe","depth":{"currency":"USD","item":"BTC",\
        "now":"1323644358449578","price":"16.26","price_int":"1626000",\
        "total_volume_int":"4538000000","type":1,"type_str":"ask","volume":"45.38",\
        "volume_int":"4538000000"},"op":"private","origin":"broadcast","private":"depth"}
        """

    static let trade = """
        {"channel":"dbf1dee9-4f2e-4a08-8cb7-748919a71b21","op":"private","origin":"broadcast",\
        "private":"trade","trade":{"amount":0.01851242,"amount_int":"1851242","date":1364652424,\
        "item":"BTC","price":90.79995,"price_currency":"USD","price_int":"9079995","primary":"Y",\
        "properties":"limit","tid":"1364652424875559","trade_type":"ask","type":"trade"}}
        """

    static let ticker = #"""
        {"channel":"d5f06780-30a8-4a48-a2f8-7ed181b4a13f","op":"private","origin":"broadcast",
        "private":"ticker","ticker":{
        "vol":{"value_int":"1547500497509","value":"15475.00497509",
            "display":"15,475.00497509\u00a0BTC","display_short":"15,475.00\u00a0BTC","currency":"BTC"},
        "last":{"value_int":"510991","value":"5.10991","display":"$5.10991","currency":"USD"},
        "sell":{"value_int":"511000","value":"5.11000","display":"5.11000\u00a0\u20ac","currency":"EUR"}
        }}
        """#

    static let wallet = """
        {"channel":"c0ffee00-0000-4000-8000-000000000001","op":"private","origin":"broadcast",
         "private":"wallet","wallet":{"op":"in","amount":{"currency":"BTC",
         "display":"0.01000000 BTC","value":"0.01000000","value_int":"1000000"},
         "info":"BTC bought: [tid:1373975198892772] 0.01000000 BTC at $98.20000","ref":null,
         "balance":{"currency":"BTC","display":"0.01000000 BTC","value_int":"1000000"}}}
        """

    static let lag = """
        {
         "channel": "85174711-be64-4de1-b783-0628995d7914",
         "channel_name": "trade.lag",
         "op": "private",
         "private": "lag",
         "lag": {"qid": "8fd6533c-d863-4218-bd04-859dae934f22", "stamp": "1366665922761866",
          "age": 1170860}
        }
        """

    static let remark = """
        {"id": "order_cancel:c8fa912b-d929-4cc5-98e6-3ea23667cfa5", "message": "Order not found",
         "op": "remark", "success": false}
        """

    static let info = #"""
        {"Login":"test","Rights":["deposit","get_info","merchant","trade","withdraw"],
        "Wallets":{"BTC":{"Balance":{"value_int":"19882944238","display":"198.82944238\u00a0BTC"},
        "Operations":156,"Monthly_Withdraw_Limit":null}},"Trade_Fee":0.46,"Empty":[{},[]]}
        """#

    static let book = """
        {"asks":[[6.7,12.5],[6.71,1e-05],[7,100]],"bids":[[6.6809,0.1],[1,-0]]}
        """

    static let utf8 = """
        {"display":"1,000.00000 €","note":"𝄞 of more than sixteen bytes — naïve"}
        """

    static let all = [depth, trade, ticker, wallet, lag, remark, info, book, utf8]
}
