import OutcryComponents
import OutcryMarket
import OutcryWire
import Testing

@testable import OutcryVenues

/// Channels, requests and rules of the venue.
@Suite struct VenueTests {
    private let venue = MtGoxVenue([.btcusd])

    private func text(_ bytes: [UInt8]?) -> String? {
        bytes.map { String(decoding: $0, as: UTF8.self) }
    }

    /// The table is the recorded list, all of it.
    @Test(arguments: [
        ("ws://websocket.mtgox.com/mtgox", "http://data.mtgox.com/"),
        ("wss://WebSocket.mtgox.com/mtgox?Currency=EUR", "https://data.mtgox.com/"),
        ("socketio+https://socketio.mtgox.com/mtgox", "https://data.mtgox.com/"),
        ("socketio+http://socketio-beta.mtgox.com:8080/mtgox", "http://data.mtgox.com:8080/"),
        ("wss://websocket-beta.mtgox.com:8443/mtgox", "https://data.mtgox.com:8443/"),
        ("ws://127.0.0.1:8080/mtgox", nil), ("wss://data.mtgox.com/mtgox", nil),
        ("ws://websocket.mtgox.com.example.org/mtgox", nil),
    ])
    func callsOfAStreamsHostGoToTheOneForCalls(url: String, calls: String?) throws {
        let found = try MtGox.calls(besides: url).map { "\(try VenueURL($0))" }
        #expect(found == calls)
    }

    @Test func everyChannel() throws {
        let bytes = try Recording.bytes("stream/channels-list_public.json")
        guard case .object(let fields) = try Tree(bytes) else { return }
        #expect(fields.count == 62)
        #expect(MtGoxChannels.all.map(\.name) == fields.map(\.key))
        for (name, value) in fields {
            guard case .scalar(let quoted) = value else { continue }
            let guid = String(quoted.dropFirst().dropLast())
            #expect(MtGoxChannels.channel(guid: guid.utf8.span) == Channel(name))
            #expect(MtGoxChannels.channel(guid: guid.uppercased().utf8.span) == Channel(name))
            #expect(MtGoxChannels.guid(of: Channel(name)) == guid)
            for index in [0, 7, 8, 9, 17, 18, 19, 35] {
                var other = Array(guid.utf8)
                other[index] = other[index] == 0x30 ? 0x31 : 0x30
                #expect(MtGoxChannels.channel(guid: other.span) == nil)
            }
        }
        for wrong in ["", "24e67e0d", "24e67e0d-1cad-4cc0-9e7a-f8523ef460f", "g"] {
            #expect(MtGoxChannels.channel(guid: wrong.utf8.span) == nil)
        }
        #expect(MtGoxChannels.guid(of: Channel("depth.BTCXXX")) == nil)
    }

    @Test func requests() {
        func ask(_ name: String) -> String? { text(venue.subscribeMessage(Channel(name))) }
        let guid = "6b1e5b8c-0000-4000-8000-f8523ef460fe"
        #expect(ask("depth.BTCEUR") == "{\"op\":\"mtgox.subscribe\",\"channel\":\"depth.BTCEUR\"}")
        #expect(ask("trade.BTC") == "{\"op\":\"mtgox.subscribe\",\"type\":\"trades\"}")
        #expect(ask("trade.lag") == "{\"op\":\"mtgox.subscribe\",\"type\":\"lag\"}")
        #expect(ask(guid) == "{\"op\":\"subscribe\",\"channel\":\"\(guid)\"}")
        func give(_ name: String) -> String? { text(venue.unsubscribeMessage(Channel(name))) }
        #expect(
            give("depth.BTCUSD")
                == "{\"op\":\"unsubscribe\",\"channel\":\"24e67e0d-1cad-4cc0-9e7a-f8523ef460fe\"}")
        #expect(give(guid) == "{\"op\":\"unsubscribe\",\"channel\":\"\(guid)\"}")
        #expect(give("depth.BTCXXX") == nil)
        #expect(
            venue.channels(for: .btceur).map(\.name) == [
                "depth.BTCEUR", "ticker.BTCEUR", "trade.BTC",
            ])
    }

    @Test func rules() {
        #expect(venue.id.description == "mtgox")
        #expect(venue.rules.snapshots == 5)
        #expect(venue.rules.snapshotPeriod == .seconds(3600))
        #expect(venue.rules.snapshotAge == .seconds(10))
        #expect(venue.rules.silence == .seconds(60))
        #expect(venue.rules.origin == "websocket.mtgox.com:443")
    }

    @Test func targets() {
        #expect(venue.snapshotTarget(.btcusd) == "/api/1/BTCUSD/depth/full")
    }

    /// All currencies, with the decimals of section 2.1, from the bytes of a message.
    @Test func currencies() {
        let known: [Currency] = [
            .btc, .ltc, .nmc, .jpy, .sek, .usd, .aud, .cad, .chf, .cny, .czk, .dkk, .eur, .gbp,
            .hkd, .inr, .krw, .nok, .nzd, .pln, .rub, .sgd, .thb,
        ]
        for currency in known {
            #expect(Currency(mtgox: currency.code.utf8.span) == currency)
        }
        for code in ["", "US", "USDT", "usd", "XXX"] {
            #expect(Currency(mtgox: code.utf8.span) == nil)
        }
    }

    /// A path names what encloses an offset, whatever the bytes are.
    @Test func paths() {
        let text = Array("{\"a\":{\"b\":[1,{\"c\\\"\":[[5]]}]},\"d\":\"x\"}".utf8)
        func path(_ part: String) -> String {
            let needle = Array(part.utf8)
            let index = text.indices.first { text[$0...].starts(with: needle) }
            return text.span.path(to: index ?? 0)
        }
        #expect(path("1,") == "a.b[0]")
        #expect(path("5]") == "a.b[1].c\\\"[0][0]")
        #expect(path("\"x\"") == "d")
        #expect(path("{") == "")
        var random = Seeded(11)
        for _ in 0..<2000 {
            let bytes = (0..<40).map { _ in
                Array("{}[],:\"\\a1".utf8)[Int.random(in: 0..<10, using: &random)]
            }
            _ = bytes.span.path(to: Int.random(in: 0...50, using: &random))
        }
    }
}
