import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcrySimulation
import Testing

@Suite struct SilenceTests {
    @Test func aQuietVenueThatAnswersPingsLives() throws {
        let floor = try Floor()
        floor.run(within: 5) { floor.isTrue }
        floor.advance(120_000)
        #expect(floor.witness.count("disconnected") == 0)
        #expect(floor.witness.count("dead") == 0)
        #expect(floor.isTrue)
    }

    @Test func aHalfOpenPeerIsFoundAndLeft() throws {
        let floor = try Floor()
        floor.run(within: 5) { floor.isTrue }
        floor.world.faults.isHalfOpen = true
        floor.run(within: 20) { floor.witness.count("dead for") == 1 }
        floor.run(within: 1) { floor.witness.count("disconnected") == 1 }
        #expect(floor.witness.events.contains { $0.hasPrefix("disconnected: silent for 1") })
        #expect(!floor.witness.evidence.isTrusted)
        floor.exchange.change(.bid, 100, 1)
        floor.world.faults.isHalfOpen = false
        floor.run(within: 60) { floor.isTrue }
        #expect(floor.witness.count("dead for") == 1, "told once")
        #expect(floor.witness.count("connected") == 2)
    }

    @Test func aVenueThatDoesNotAnswerPingsIsLeft() throws {
        let floor = try Floor()
        floor.run(within: 5) { floor.isTrue }
        floor.exchange.answersPings = false
        floor.run(within: 20) { floor.witness.count("connected") == 2 }
    }

    @Test func aSilentChannelIsSubscribedAnewAndItsBookStale() throws {
        let floor = try Floor()
        floor.run(within: 5) { floor.isTrue }
        for i in 0..<40 {
            floor.exchange.change(.bid, 100, Int64(i + 1))
            floor.advance(500)
        }
        // The venue forgets the subscription, and says nothing.
        for peer in floor.exchange.sockets { peer.channels = [] }
        floor.exchange.change(.bid, 100, 77)
        floor.run(within: 60) { floor.witness.count("silent depth.BTCUSD") == 1 }
        floor.run(within: 10) { floor.isTrue }
        let events = floor.witness.events
        #expect(events.contains { $0.hasPrefix("stale: the channel is silent for 3") })
        #expect(floor.exchange.said.filter { $0 == "sub depth.BTCUSD" }.count == 2)
        #expect(floor.witness.count("book bad") == 1)
        #expect(floor.witness.count("disconnected") == 0)
        floor.exchange.change(.bid, 101, 5)
        floor.advance(10)
        #expect(floor.isTrue)
    }

    @Test func aChannelThatTheVenueEndsIsAskedForAgain() throws {
        let floor = try Floor()
        floor.run(within: 5) { floor.isTrue }
        floor.advance(10_000)
        floor.exchange.broadcast("end depth.BTCUSD")
        floor.advance(100)
        #expect(floor.exchange.said.filter { $0 == "sub depth.BTCUSD" }.count == 2)
    }

    /// What happens between the end of a channel and its return is not missing from the book.
    @Test func aBookWhoseChannelEndedIsLoadedAnew() throws {
        let floor = try Floor()
        floor.exchange.change(.bid, 100, 1)
        floor.run(within: 5) { floor.isTrue }
        floor.advance(10_000)
        for peer in floor.exchange.sockets { peer.channels = [] }
        floor.exchange.broadcast("end depth.BTCUSD")
        floor.exchange.change(.bid, 100, 0)
        floor.advance(100)
        #expect(floor.witness.count("stale: the channel has ended") == 1)
        floor.run(within: 60) { floor.isTrue }
        #expect(floor.witness.count("disconnected") == 0)
        #expect(floor.witness.wrong == [])
    }

    @Test func aRefusedChannelIsTold() throws {
        var venue = FakeVenue()
        venue.extraChannels = [Channel("lag")]
        let floor = try Floor(venue)
        floor.exchange.confirms = false
        floor.run(within: 30) { floor.witness.count("refused") == 2 }
        #expect(
            floor.exchange.said == [
                "sub depth.BTCUSD", "sub lag", "sub depth.BTCUSD", "sub lag", "sub depth.BTCUSD",
                "sub lag",
            ])
    }

    @Test func subscriptionsOfTheApplicationSurviveAReconnect() throws {
        let floor = try Floor()
        floor.run(within: 5) { floor.isTrue }
        floor.kernel.post(.subscribe, to: floor.link.subscriptions, Channel("lag"))
        floor.kernel.post(.subscribe, to: floor.link.subscriptions, Channel("trades"))
        floor.advance(100)
        floor.kernel.post(.unsubscribe, to: floor.link.subscriptions, Channel("trades"))
        floor.advance(100)
        #expect(
            floor.exchange.said
                == ["sub depth.BTCUSD", "sub lag", "sub trades", "unsub trades"])
        floor.restartExchange(after: .seconds(1))
        floor.run(within: 60) { floor.isTrue }
        floor.advance(100)
        #expect(floor.exchange.said == ["sub depth.BTCUSD", "sub lag"])
    }
}
