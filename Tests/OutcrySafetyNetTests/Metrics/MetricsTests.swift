import OutcryMarket
import Testing

@testable import OutcrySafetyNet

@Suite struct MetricsTests {
    @Test func prometheusTextIsEscaped() {
        var text = PrometheusText()
        text.family("a_total", .counter, "Back\\slash, \"quotes\" and\na line.")
        text.sample(1)
        text.sample(-2, [("one", "a\\b\"c\nd"), ("two", "ü")])
        text.family("b", .gauge, "Times.")
        text.sample(true)
        text.sample(false, [("x", "")])
        text.sample(.milliseconds(1_050))
        text.sample(.seconds(7))
        text.sample(.seconds(-1))
        text.sample(.microseconds(1_364_767_201_381_791))
        #expect(
            text.text == #"""
                # HELP a_total Back\\slash, "quotes" and\na line.
                # TYPE a_total counter
                a_total 1
                a_total{one="a\\b\"c\nd",two="ü"} -2
                # HELP b Times.
                # TYPE b gauge
                b 1
                b{x=""} 0
                b 1.050
                b 7
                b 0
                b 1364767201.381

                """#)
    }

    /// One that has a bit of everything.
    private static var status: SafetyNetStatus {
        var counters = SafetyNetCounters()
        (counters.accepted, counters.turnedAway, counters.questions) = (100, 3, 50)
        (counters.shelved, counters.joined, counters.replies) = (30, 5, 49)
        (counters.notModified, counters.refused, counters.staleRefused) = (7, 4, 2)
        (counters.staleMarked, counters.cutOff) = (1, 6)
        (counters.signed, counters.signedRefused, counters.signedFailed) = (12, 2, 1)
        (counters.linesOpened, counters.ups, counters.losses, counters.failovers) = (8, 4, 3, 1)
        (counters.fetches, counters.trades, counters.depths, counters.tickers) = (9, 10, 80, 20)
        (counters.lags, counters.repairs, counters.repaired, counters.overflows) = (5, 3, 44, 1)
        (counters.stored, counters.pages) = (500, 60)
        var fanOut = FanOutCounters()
        (fanOut.messages, fanOut.deliveries, fanOut.slowed, fanOut.caughtUp) = (115, 9_000, 5, 3)
        (fanOut.conflated, fanOut.cutForTrades, fanOut.cutForTime) = (77, 1, 1)
        return SafetyNetStatus(
            upstream: 1, upstreamURL: "wss://example.com/mtgox", isUp: true,
            lostReason: "said \"bye\"",
            markets: [
                SafetyNetMarketStatus(
                    instrument: .btcusd, isTrusted: true, bookAge: .zero,
                    tickerAge: .milliseconds(1_500), levels: 812,
                    storedTo: 1_364_767_201_381_791, missingAfter: nil),
                SafetyNetMarketStatus(
                    instrument: .btceur, isTrusted: false, bookAge: nil, tickerAge: nil, levels: 0,
                    storedTo: nil, missingAfter: 0),
            ],
            connections: 97, webSockets: 60, socketIO: 30, ownLines: 2, signedWaiting: 1,
            shelfBytes: 65_536, storeFailure: nil, slowClients: 2, counters: counters,
            fanOut: fanOut, problems: ["BTCEUR: no book yet"],
            warnings: ["the old doors stay"])
    }

    @Test func statusForPrograms() {
        #expect(
            String(decoding: Self.status.json, as: UTF8.self)
                == #"{"ready":false,"problems":["BTCEUR: no book yet"],"#
                + #""warnings":["the old doors stay"],"#
                + #""upstream":{"place":1,"url":"wss://example.com/mtgox","up":true,"#
                + #""lost_reason":"said \"bye\"","ups":4,"losses":3,"failovers":1,"#
                + #""messages":115,"fetches":9},"#
                + #""markets":[{"market":"BTCUSD","book_trusted":true,"book_age_ms":0,"#
                + #""ticker_age_ms":1500,"levels":812,"stored_to":"1364767201381791"},"#
                + #"{"market":"BTCEUR","book_trusted":false,"levels":0,"missing_after":"0"}],"#
                + #""clients":{"connections":97,"websocket":60,"socketio":30,"own_lines":2,"#
                + #""slow":2,"cut_off":8,"turned_away":3},"#
                + #""calls":{"questions":50,"kept":30,"joined":5,"not_modified":7,"refused":4,"#
                + #""stale":3,"signed":12,"signed_waiting":1,"kept_bytes":65536},"#
                + #""stream":{"messages":115,"deliveries":9000,"slowed":5,"caught_up":3,"#
                + #""conflated":77},"history":{"stored":500,"pages":60}}"# + "\n")
    }

    @Test func statusForPrometheus() {
        let samples = Self.status.prometheus.split(separator: "\n").filter { !$0.hasPrefix("#") }
            .map { $0.dropFirst("outcry_safetynet_".count) }
        #expect(samples.joined(separator: "\n") == Self.samples)
    }

    /// Each family is said once, with its words and kind, in front of its samples; a counter's name ends
    /// with `_total`, and no other's.
    @Test func familiesAreComplete() throws {
        var seen: [String] = []
        var family = ""
        var kind = ""
        for line in Self.status.prometheus.split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 3).map(String.init)
            if line.hasPrefix("# HELP ") {
                #expect(!seen.contains(words[2]), "\(words[2]) twice")
                #expect(words[3].hasSuffix("."))
                family = words[2]
                seen.append(family)
            } else if line.hasPrefix("# TYPE ") {
                #expect(words[2] == family)
                kind = words[3]
                #expect((kind == "counter") == family.hasSuffix("_total"))
            } else {
                #expect(line.prefix { $0 != "{" && $0 != " " } == family)
            }
        }
        #expect(seen.count >= 40)
    }

    private static let samples = #"""
        ready 0
        warnings 1
        upstream_up{upstream="1",url="wss://example.com/mtgox"} 1
        upstream_ups_total 4
        upstream_losses_total 3
        upstream_failovers_total 1
        upstream_messages_total{kind="depth"} 80
        upstream_messages_total{kind="trade"} 10
        upstream_messages_total{kind="ticker"} 20
        upstream_messages_total{kind="lag"} 5
        upstream_fetches_total 9
        upstream_overflows_total 1
        book_trusted{market="BTCUSD"} 1
        book_trusted{market="BTCEUR"} 0
        book_age_seconds{market="BTCUSD"} 0
        book_levels{market="BTCUSD"} 812
        book_levels{market="BTCEUR"} 0
        book_repairs_total 3
        book_repaired_levels_total 44
        ticker_age_seconds{market="BTCUSD"} 1.500
        history_writable 1
        history_newest_timestamp_seconds{market="BTCUSD"} 1364767201.381
        history_complete{market="BTCUSD"} 1
        history_complete{market="BTCEUR"} 0
        history_stored_total 500
        history_pages_total 60
        connections 97
        clients{carrier="websocket"} 60
        clients{carrier="socketio"} 30
        own_lines 2
        own_lines_opened_total 8
        connections_total{result="accepted"} 97
        connections_total{result="turned_away"} 3
        calls_total{answer="kept"} 30
        calls_total{answer="in_the_making"} 5
        calls_total{answer="made"} 15
        replies_total 49
        not_modified_total 7
        refused_total 4
        stale_total{policy="refuse"} 2
        stale_total{policy="mark"} 1
        kept_bytes 65536
        signed_calls_total 12
        signed_calls_failed_total{reason="refused"} 2
        signed_calls_failed_total{reason="unanswered"} 1
        signed_calls_waiting 1
        stream_messages_total 115
        stream_deliveries_total 9000
        stream_slow_clients 2
        stream_slowed_total 5
        stream_caught_up_total 3
        stream_conflated_total 77
        stream_cut_off_total{reason="trades"} 1
        stream_cut_off_total{reason="levels"} 0
        stream_cut_off_total{reason="answers"} 0
        stream_cut_off_total{reason="time"} 1
        stream_cut_off_total{reason="unread"} 6
        """#
}
