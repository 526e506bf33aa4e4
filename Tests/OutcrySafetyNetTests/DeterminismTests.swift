import OutcryKernel
import OutcrySandbox
import OutcrySimulation
import Testing

@testable import OutcrySafetyNet

/// The same seed tells everybody the same, also with a store, over losses.
@Suite struct DeterminismTests {
    private func story(seed: UInt64, _ folder: String) throws -> (told: [String], SafetyNetCounters)
    {
        let house = try NetHouse(
            seed: seed, store: try TradeStore(path: folder),
            {
                $0.speed = 60
                $0.seed = seed
            }, net: { $0.historyPace = .seconds(1) })
        try house.settle()
        var told: [String] = []
        let peer = try house.stream("/mtgox?Currency=USD,EUR")
        for round in 0..<6 {
            house.run(.seconds(3))
            if round == 2 {
                house.exchangeKernel.post(.sandboxRestart, to: "exchange", .seconds(1))
            }
            for call in ["ticker", "depth", "trades?since=0", "order/lag"] {
                let reply = try house.get("/api/1/BTCUSD/\(call)")
                told.append("\(reply.status) \(reply["Age"] ?? "") \(reply.text)")
            }
            told += try peer.take()
        }
        return (told, house.net.counters)
    }

    @Test func theSameSeedTellsTheSame() throws {
        try TradeStoreTests.inFolder { folder in
            let (one, counters) = try story(seed: 7, folder + "one")
            let (again, same) = try story(seed: 7, folder + "again")
            let (other, _) = try story(seed: 8, folder + "other")
            #expect(one.count > 100)
            let (isSame, isOther) = (one == again, one != other)
            #expect(isSame)
            #expect(counters == same)
            #expect(isOther)
        }
    }
}

/// What no client of the venue would say.
@Suite struct HostileTests {
    @Test(arguments: [1, 2] as [UInt64]) func nothingThatIsSaidHurtsIt(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let house = try NetHouse { $0.speed = 60 }
        try house.settle()
        let words = [
            #"{"op":"call","id":"x","call":"AAAA"}"#, #"{"op":"snapshot"}"#, "{\"op\":\"call\"}",
            #"{"op":"snapshot","channel":"depth.BTCEUR"}"#, #"{"op":"subscribe","key":""}"#,
            #"{"op":"unsubscribe","channel":"00000000-0000-0000-0000-000000000000"}"#, "",
            String(repeating: "[", count: 5_000), #"{"op":"mtgox.subscribe","type":"depth"}"#,
        ]
        let targets = [
            "/api/1/BTCUSD/trades?since=9223372036854775807", "/api/1/BTCUSD/trades?since=1",
            "/api/1/BTCUSD/trades?since=-1", "/?%", "//", "/api/2/BTCUSD/money/depth?raw&raw",
            "/socket.io/1/xhr-polling/none", "/api/0/data/getTrades.php?since=5&Currency=QQQ",
            "*", "/mtgox", "/api/1/generic/currency", "/ready?x", "/health/",
        ]
        let peers = try (0..<4).map { _ in try house.stream("/") }
        for _ in 0..<60 {
            let peer = peers[Int.random(in: 0..<4, using: &random)]
            var word = words[Int.random(in: 0..<words.count, using: &random)]
            if Int.random(in: 0..<4, using: &random) == 0 {
                word = String(word.prefix(Int.random(in: 0...word.count, using: &random)))
            }
            peer.send(word)
            let method = ["GET", "POST", "HEAD", "DELETE"][Int.random(in: 0..<4, using: &random)]
            let client = HTTPPeer(house)
            client.send(
                targets[Int.random(in: 0..<targets.count, using: &random)],
                Bool.random(using: &random) ? ["Rest-Key: x", "Rest-Sign: y"] : [],
                method: method)
            if Bool.random(using: &random) { client.peer.reset() }
            house.run(.milliseconds(Int64.random(in: 0...50, using: &random)))
        }
        house.run(.seconds(70))
        #expect(try house.get("/ready").status == 200, "seed \(seed)")
        #expect(try house.get("/api/1/BTCUSD/ticker").status == 200)
        #expect(house.net.waiting.isEmpty)
        #expect(house.net.signed.busy == 0)
        // Nobody of the polite has noticed.
        #expect(house.net.counters.losses == 0)
    }
}
