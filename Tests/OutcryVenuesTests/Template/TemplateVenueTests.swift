import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcrySimulation
import OutcryWire
import Testing

@testable import OutcryVenues

/// The template venue, with a link and a server that speaks as it does: what a new venue begins with.
@Suite struct TemplateVenueTests {
    @Test func aLinkKeepsItsBook() throws {
        let world = SimulatedWorld(seed: 1)
        let kernel = Kernel(driver: Simulation(in: world))
        kernel.logLevel = .error
        let server = TemplateServer([
            #"{"subscribed":"BTCUSD"}"#,
            #"{"market":"BTCUSD","side":"bid","price":"17.5","total":"2"}"#,
            #"{"market":"BTCUSD","side":"ask","price":"17.6","total":"1.25"}"#,
            #"{"market":"BTCUSD","side":"bid","price":"17.4","total":"3"}"#,
            #"{"market":"BTCUSD","trade":7,"price":"17.5","amount":"0.1"}"#,
            #"{"market":"BTCUSD","side":"bid","price":"17.5","total":"0"}"#,
            #"{"market":"BTCUSD","side":"bid","price":"dear","total":"0"}"#,
            #"{"market":"LTCUSD","side":"bid","price":"1","total":"1"}"#,
        ])
        kernel.start(server, alias: "server")
        let link = try Link.open(
            TemplateVenue([.btcusd]), on: kernel, url: "ws://127.0.0.1:9000/",
            instruments: [.btcusd])
        let reader = TemplateReader(link)
        kernel.start(reader, alias: "reader")
        world.advance(by: .seconds(5))
        #expect(server.heard == [#"{"subscribe":"BTCUSD"}"#])
        #expect(reader.levels == ["bid 3.00000000 at 17.40000", "ask 1.25000000 at 17.60000"])
        #expect(reader.evidence == .unproven)
        #expect(reader.trades == ["template BTCUSD #7 trade 0.10000000 at 17.50000"])
        #expect(reader.problems.count == 1)
        #expect(reader.problems.first?.contains("in price") == true)
    }
}

/// Answers the first subscription with what a test says.
private final class TemplateServer: Session {
    let answers: [String]
    var heard: [String] = []
    private var connections: [UInt64: ServerConnection] = [:]

    init(_ answers: [String]) { self.answers = answers }

    static func handlers(_ on: inout Handlers<TemplateServer>) {
        on(.started) { _, _, my in _ = try my.listen(on: .loopback(port: 9000)) }
        on(.streamAccepted) { me, new, _ in
            me.connections[new.stream.number] = ServerConnection(new.stream)
        }
        on(.streamReceived) { me, stream, _ in
            guard let connection = me.connections[stream.number] else { return }
            while let incoming = connection.next() {
                switch incoming {
                case .request(let head, _):
                    connection.upgrade(try WebSocketServerHandshake(head))
                case .text(let bytes):
                    me.heard.append(String(decoding: bytes, as: UTF8.self))
                    for answer in me.answers { connection.send(Array(answer.utf8).span) }
                case .ping(let bytes): connection.pong(bytes)
                default: break
                }
            }
        }
    }
}

private final class TemplateReader: Session {
    let link: Link
    var levels: [String] = []
    var evidence: Evidence?
    var trades: [String] = []
    var problems: [String] = []

    init(_ link: Link) { self.link = link }

    static func handlers(_ on: inout Handlers<TemplateReader>) {
        on(.started) { me, _, my in
            my.register(me.link.bookChanged, me.link.trade, me.link.malformed)
        }
        on(.bookChanged) { me, change, _ in
            me.levels =
                change.book.levels(.bid).map { "bid \($0)" }
                + change.book.levels(.ask).map { "ask \($0)" }
            me.evidence = change.evidence
        }
        on(.trade) { me, trade, _ in me.trades.append("\(copy trade)") }
        on(.malformed) { me, problem, _ in me.problems.append(problem.problem) }
    }
}
