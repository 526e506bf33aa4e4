import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcrySimulation
import OutcryWire
import Testing

@testable import OutcryVenues

/// Books that come by the stream alone: when they begin anew, and what that costs.
@Suite struct StreamedBookTests {
    private static let bid = #"{"market":"BTCUSD","side":"bid","price":"17.5","total":"2"}"#
    private static let ask = #"{"market":"BTCUSD","side":"ask","price":"17.6","total":"1.25"}"#
    private static let other = #"{"market":"BTCUSD","side":"bid","price":"17.4","total":"3"}"#
    private static let whole = [#"{"subscribed":"BTCUSD"}"#, bid, ask]
    private static let another = [#"{"subscribed":"BTCUSD"}"#, other, ask]
    private static let levels = ["bid 2.00000000 at 17.50000", "ask 1.25000000 at 17.60000"]
    private static let otherLevels = [
        "bid 3.00000000 at 17.40000", "ask 1.25000000 at 17.60000",
    ]

    /// A channel of which the venue has forgotten that it was subscribed is asked for again, over the
    /// connection that is there, and its book begins anew.
    @Test func aSilentChannelIsSubscribedAnew() throws {
        let house = try StreamedHouse(TemplateVenue([.btcusd]), [[Self.whole, Self.another]])
        house.world.advance(by: .seconds(5))
        #expect(house.reader.levels == Self.levels)
        house.speak(Self.ask)
        #expect(house.wait(90) { !house.reader.isTrusted })
        #expect(house.wait(10) { house.reader.levels == Self.otherLevels })
        #expect(house.reader.isTrusted)
        #expect(house.server.heard.count == 2)
        #expect(house.reader.ups == 1, "the connection is what it was")
        house.server.say(Self.bid)
        house.world.advance(by: .milliseconds(10))
        #expect(house.reader.levels == ["bid 2.00000000 at 17.50000"] + Self.otherLevels)
    }

    /// Where that does not help, another connection is made.
    @Test func aChannelThatStaysSilentTakesAnotherConnection() throws {
        let house = try StreamedHouse(TemplateVenue([.btcusd]), [[Self.whole], [Self.another]])
        house.world.advance(by: .seconds(5))
        house.speak(Self.ask)
        #expect(house.wait(90) { !house.reader.isTrusted })
        #expect(house.wait(30) { house.reader.ups == 2 })
        #expect(house.wait(30) { house.reader.levels == Self.otherLevels })
        #expect(house.reader.isTrusted)
    }

    /// What comes behind a second confirmation is the whole book: levels that are not in it are gone.
    @Test func aBookThatIsToldAgainBeginsAnew() throws {
        let house = try StreamedHouse(TemplateVenue([.btcusd]), [[Self.whole]])
        house.world.advance(by: .seconds(5))
        #expect(house.reader.levels == Self.levels)
        for line in Self.another { house.server.say(line) }
        house.world.advance(by: .milliseconds(10))
        #expect(house.reader.levels == Self.otherLevels)
        #expect(house.reader.isTrusted)
        #expect(house.reader.ups == 1)
    }

    /// Whoever has not asked for a book through the link hears, too, that a part of it was lost.
    @Test func aBookThatNobodyAskedForIsDistrustedToo() throws {
        var venue = MidChainsVenue([.btcusd])
        venue.asksForMarkets = false
        let house = try StreamedHouse(venue, [])
        house.world.advance(by: .seconds(5))
        let order =
            #"{"side":"B","act":"A","src":"CROX","price":"17.5","qty":"2","id":7,"#
            + #""time":"1614331055706","mpid":"ANON","key":"NA"}"#
        house.server.say(#"{"security":"BTCUSD","books":[\#(order)],"type":"book"}"#)
        house.world.advance(by: .milliseconds(10))
        #expect(house.reader.levels == ["bid 2.00000000 at 17.50000"])
        #expect(house.reader.isTrusted)
        house.server.say(#"{"security":"BTCUSD","books":"none","type":"book"}"#)
        house.world.advance(by: .milliseconds(10))
        #expect(house.reader.stale.count == 1)
        #expect(house.reader.stale.first == "the stream could not be read")
        #expect(house.wait(10) { house.reader.ups == 2 }, "it comes with another connection")
    }
}

/// A link to a server that says what a test wants.
private final class StreamedHouse {
    let world = SimulatedWorld(seed: 1)
    let kernel: Kernel
    let server: StreamedServer
    let reader: StreamedReader

    init(_ venue: any Venue, _ answers: [[[String]]]) throws {
        kernel = Kernel(driver: Simulation(in: world))
        kernel.logLevel = .error
        server = StreamedServer(answers)
        kernel.start(server, alias: "server")
        let link = try Link.open(
            venue, on: kernel, url: "ws://127.0.0.1:9000/", instruments: [.btcusd])
        reader = StreamedReader(link)
        kernel.start(reader, alias: "reader")
    }

    /// The channel gets a pace.
    func speak(_ line: String) {
        for _ in 0..<40 {
            server.say(line)
            world.advance(by: .milliseconds(500))
        }
    }

    func wait(_ seconds: Int, for condition: () -> Bool) -> Bool {
        world.run(within: .seconds(seconds), until: condition)
    }
}

/// Answers one subscription of a connection after the other with what a test says, and then none.
private final class StreamedServer: Session {
    private var answers: [[[String]]]
    var heard: [String] = []
    private var connections: [ServerConnection] = []

    init(_ answers: [[[String]]]) { self.answers = answers }

    static func handlers(_ on: inout Handlers<StreamedServer>) {
        on(.started) { _, _, my in _ = try my.listen(on: .loopback(port: 9000)) }
        on(.streamAccepted) { me, new, _ in me.connections.append(ServerConnection(new.stream)) }
        on(.streamReceived) { me, stream, _ in
            guard let place = me.connections.firstIndex(where: { $0.stream === stream }) else {
                return
            }
            let connection = me.connections[place]
            while let incoming = connection.next() {
                switch incoming {
                case .request(let head, _):
                    connection.upgrade(try WebSocketServerHandshake(head))
                case .text(let bytes):
                    me.heard.append(String(decoding: bytes, as: UTF8.self))
                    guard place < me.answers.count, !me.answers[place].isEmpty else { continue }
                    for answer in me.answers[place].removeFirst() {
                        connection.send(Array(answer.utf8).span)
                    }
                case .ping(let bytes): connection.pong(bytes)
                default: break
                }
            }
        }
    }

    /// Says something to the last client.
    func say(_ line: String) { connections.last?.send(Array(line.utf8).span) }
}

private final class StreamedReader: Session {
    let link: Link
    var levels: [String] = []
    var isTrusted = false
    var ups = 0
    var stale: [String] = []

    init(_ link: Link) { self.link = link }

    static func handlers(_ on: inout Handlers<StreamedReader>) {
        on(.started) { me, _, my in
            my.register(me.link.bookChanged, me.link.bookStale, me.link.connected)
        }
        on(.connected) { me, _, _ in me.ups += 1 }
        on(.bookStale) { me, news, _ in me.stale.append(news.reason) }
        on(.bookChanged) { me, change, _ in
            me.levels =
                change.book.levels(.bid).map { "bid \($0)" }
                + change.book.levels(.ask).map { "ask \($0)" }
            me.isTrusted = change.evidence.isTrusted
        }
    }
}
