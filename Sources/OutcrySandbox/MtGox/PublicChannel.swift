/// The venue's public channels: the names it used from April 2013, and the GUIDs it always used.
///
/// - Source: the Mt. Gox protocol reference, section 8.2, and `stream/list_public` as two clients of
///   2013 and 2014 copied it; both agree on every name that they share.
struct PublicChannel: Hashable, Sendable {
    /// For instance `depth.BTCUSD`.
    let name: String
    /// For instance `24e67e0d-1cad-4cc0-9e7a-f8523ef460fe`.
    let guid: String
    /// Its place in ``all``.
    let index: Int

    /// All of them, by name.
    static let all: [PublicChannel] = table.enumerated().map { index, row in
        PublicChannel(name: row.name, guid: row.guid, index: index)
    }

    /// The channel with this name or GUID.
    static func find(_ text: String) -> PublicChannel? {
        all.first { $0.name == text || $0.guid == text }
    }

    static let trades = named("trade.BTC")
    static let lag = named("trade.lag")
    static let ticker = named("ticker.BTCUSD")
    static let depth = named("depth.BTCUSD")

    private static func named(_ name: String) -> PublicChannel {
        guard let channel = find(name) else {
            preconditionFailure("the table has every channel that the code names")
        }
        return channel
    }

    private static let table: [(name: String, guid: String)] = [
        ("depth.BTCAUD", "296ee352-dd5d-46f3-9bea-5e39dede2005"),
        ("depth.BTCCAD", "5b234cc3-a7c1-47ce-854f-27aee4cdbda5"),
        ("depth.BTCCHF", "113fec5f-294d-4929-86eb-8ca4c3fd1bed"),
        ("depth.BTCCNY", "0d1ecad8-e20f-459e-8bed-0bdcf927820f"),
        ("depth.BTCCZK", "a7a970cf-4f6c-4d85-a74e-ac0979049b87"),
        ("depth.BTCDKK", "9219abb0-b50c-4007-b4d2-51d1711ab19c"),
        ("depth.BTCEUR", "057bdc6b-9f9c-44e4-bc1a-363e4443ce87"),
        ("depth.BTCGBP", "60c3af1b-5d40-4d0e-b9fc-ccab433d2e9c"),
        ("depth.BTCHKD", "049f65dc-3af3-4ffd-85a5-aac102b2a579"),
        ("depth.BTCINR", "414fdb18-8f70-471c-a9df-b3c2740727ea"),
        ("depth.BTCJPY", "94483e07-d797-4dd4-bc72-dc98f1fd39e3"),
        ("depth.BTCKRW", "0c84bda7-e613-4b19-ae2a-6d26412c9f70"),
        ("depth.BTCNOK", "66da7fb4-6b0c-4a10-9cb7-e2944e046eb5"),
        ("depth.BTCNZD", "cedf8730-bce6-4278-b6fe-9bee42930e95"),
        ("depth.BTCPLN", "e4ff055a-f8bf-407e-af76-676cad319a21"),
        ("depth.BTCRUB", "d6412ca0-b686-464c-891a-d1ba3943f3c6"),
        ("depth.BTCSEK", "8f1fefaa-7c55-4420-ada0-4de15c1c38f3"),
        ("depth.BTCSGD", "41e5c243-3d44-4fad-b690-f39e1dbb86a8"),
        ("depth.BTCTHB", "67879668-532f-41f9-8eb0-55e7593a5ab8"),
        ("depth.BTCUSD", "24e67e0d-1cad-4cc0-9e7a-f8523ef460fe"),
        ("test", "bad99f24-fa8b-4938-bfdf-0c1831fc6665"),
        ("ticker.BTCAUD", "eb6aaa11-99d0-4f64-9e8c-1140872a423d"),
        ("ticker.BTCBTC", "13edff67-cfa0-4d99-aa76-52bd15d6a058"),
        ("ticker.BTCCAD", "10720792-084d-45ba-92e3-cf44d9477775"),
        ("ticker.BTCCHF", "2644c164-3db7-4475-8b45-c7042efe3413"),
        ("ticker.BTCCNY", "c251ec35-56f9-40ab-a4f6-13325c349de4"),
        ("ticker.BTCCZK", "2a968b7f-6638-40ba-95e7-7284b3196d52"),
        ("ticker.BTCDKK", "e5ce0604-574a-4059-9493-80af46c776b3"),
        ("ticker.BTCEUR", "0bb6da8b-f6c6-4ecf-8f0d-a544ad948c15"),
        ("ticker.BTCGBP", "7b842b7d-d1f9-46fa-a49c-c12f1ad5a533"),
        ("ticker.BTCHKD", "d3ae78dd-01dd-4074-88a7-b8aa03cd28dd"),
        ("ticker.BTCINR", "55e5feb8-fea5-416b-88fa-40211541deca"),
        ("ticker.BTCJPY", "a39ae532-6a3c-4835-af8c-dda54cb4874e"),
        ("ticker.BTCKRW", "bf85048d-4db9-4dbe-9ca3-5b83a1a4186e"),
        ("ticker.BTCLTC", "48b6886f-49c0-4614-b647-ba5369b449a9"),
        ("ticker.BTCNMC", "36189b8c-cffa-40d2-b205-fb71420387ae"),
        ("ticker.BTCNOK", "7532e866-3a03-4514-a4b1-6f86e3a8dc11"),
        ("ticker.BTCNZD", "5ddd27ca-2466-4d1a-8961-615dedb68bf1"),
        ("ticker.BTCPLN", "b4a02cb3-2e2d-4a88-aeea-3c66cb604d01"),
        ("ticker.BTCRUB", "bd04f720-3c70-4dce-ae71-2422ab862c65"),
        ("ticker.BTCSEK", "6caf1244-655b-460f-beaf-5c56d1f4bea7"),
        ("ticker.BTCSGD", "2cb73ed1-07f4-45e0-8918-bcbfda658912"),
        ("ticker.BTCTHB", "d58e3b69-9560-4b9e-8c58-b5c0f3fda5e1"),
        ("ticker.BTCUSD", "d5f06780-30a8-4a48-a2f8-7ed181b4a13f"),
        ("ticker.LTCAUD", "a046600a-a06c-4ebf-9ffb-bdc8157227e8"),
        ("ticker.LTCCAD", "18b55737-3f5c-4583-af63-6eb3951ead72"),
        ("ticker.LTCCNY", "0290378c-e3d7-4836-8cb1-2bfae20cc492"),
        ("ticker.LTCDKK", "b10a706e-e8c7-4ea8-9148-669f86930b36"),
        ("ticker.LTCEUR", "491bc9bb-7cd8-4719-a9e8-16dad802ffac"),
        ("ticker.LTCGBP", "0102a446-e4d4-4082-8e83-cc02822f9172"),
        ("ticker.LTCJPY", "5ad8e40f-6df3-489f-9cf1-af28426a50cf"),
        ("ticker.LTCNOK", "13616ae8-9268-4a43-bdf7-6b8d1ac814a2"),
        ("ticker.LTCUSD", "1366a9f3-92eb-4c6c-9ccc-492a959eca94"),
        ("ticker.NMCAUD", "08c65460-cbd9-492e-8473-8507dfa66ae6"),
        ("ticker.NMCCAD", "dc28033e-7506-484c-905d-1c811a613323"),
        ("ticker.NMCCNY", "249fdefd-c6eb-4802-9f54-064bc83908aa"),
        ("ticker.NMCEUR", "d8512d04-f262-4a14-82f2-8e5c96c15e68"),
        ("ticker.NMCGBP", "bf5126ba-5187-456f-8ae6-963678d0607f"),
        ("ticker.NMCJPY", "314e2b7a-a9fa-4249-bc46-b7f662ecbc3a"),
        ("ticker.NMCUSD", "9aaefd15-d101-49f3-a2fd-6b63b85b6bed"),
        ("trade.BTC", "dbf1dee9-4f2e-4a08-8cb7-748919a71b21"),
        ("trade.lag", "85174711-be64-4de1-b783-0628995d7914"),
    ]
}
