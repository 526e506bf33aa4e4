import OutcryComponents
import OutcryMarket
import OutcrySimulation
import Testing

@testable import OutcryKernel

private struct Broken: Error {}

@Suite struct SupervisionTests {
    /// Lets a part of the link fail as if one of its handlers had thrown.
    func fail(_ alias: Alias, _ floor: Floor) {
        guard let id = floor.kernel.find(alias) else {
            Issue.record("no \(alias)")
            return
        }
        floor.kernel.failed(id, Broken())
    }

    @Test(arguments: ["connection", "books", "subscriptions", "heartbeat", "snapshots", "http"])
    func aPartThatFailsIsStartedAnewAndTheLinkRecovers(part: String) throws {
        let floor = try Floor()
        floor.exchange.change(.bid, 100, 1)
        floor.run(within: 5) { floor.isTrue }
        let link = floor.link
        let alias: Alias =
            switch part {
            case "connection": link.connection
            case "books": link.books
            case "subscriptions": link.subscriptions
            case "heartbeat": link.heartbeat
            case "snapshots": link.snapshots
            default: link.http
            }
        let before = floor.kernel.find(alias)
        fail(alias, floor)
        floor.advance(10)
        floor.exchange.change(.bid, 101, 2)
        floor.exchange.change(.bid, 100, 0)
        floor.run(within: 60) { floor.isTrue && floor.kernel.find(alias) != nil }
        floor.exchange.change(.ask, 112, 3)
        floor.advance(100)
        #expect(floor.isTrue)
        #expect(floor.kernel.find(alias) != before)
        #expect(floor.witness.wrong == [])
        if !["snapshots", "http"].contains(part) {
            #expect(
                floor.witness.count("disconnected: the connection's session failed") == 1,
                "the application hears of it")
        }
    }

    /// Whoever listens to the link hears that there will be no next try.
    @Test func aLinkThatIsGivenUpSaysSo() throws {
        let floor = try Floor()
        floor.run(within: 5) { floor.isTrue }
        var failures = 0
        while floor.kernel.find(floor.link.snapshots) != nil, failures < 50 {
            #expect(floor.witness.count("disconnected: the link is given up") == 0)
            fail(floor.link.snapshots, floor)
            failures += 1
            _ = floor.world.run(within: .seconds(60)) {
                floor.kernel.find(floor.link.snapshots) != nil
                    || floor.kernel.find(floor.link.connection) == nil
            }
        }
        floor.advance(0)
        #expect(failures >= 11 && failures < 50)
        #expect(floor.witness.count("disconnected: the link is given up") == 1)
        #expect(floor.kernel.find(floor.link.connection) == nil)
        #expect(floor.kernel.find(Alias(floor.link.name + ".link")) == nil)
    }

    @Test func aBookIsNotTrustedWhileItsConnectionIsBeingStartedAnew() throws {
        let floor = try Floor()
        floor.run(within: 5) { floor.isTrue }
        fail(floor.link.connection, floor)
        floor.advance(0)
        #expect(!floor.witness.evidence.isTrusted)
        #expect(floor.witness.count("stale: the link is down") == 1)
    }
}
