import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcryServing
import OutcryWire

/// An answer about the server itself.
struct ServiceAnswer {
    var status = 200
    var type = "application/json"
    let body: [UInt8]
}

extension SafetyNet {
    /// Answers what is asked about the server itself, of everybody who reaches the door: whether the
    /// process lives (`/health`), and whether what it serves is current (`/ready`, 503 where not, with the
    /// reasons). Nil for anything else.
    func health(_ head: HTTPRequestHead, _ my: Context) -> ServiceAnswer? {
        guard head.method == "GET" || head.method == "HEAD" else { return nil }
        switch head.path {
        case "/health": return ServiceAnswer(body: Array("{\"alive\":true}\n".utf8))
        case "/ready":
            let status = status(my)
            return ServiceAnswer(status: status.isReady ? 200 : 503, body: Self.text(status))
        default: return nil
        }
    }

    func answer(_ answer: ServiceAnswer, _ head: HTTPRequestHead, on connection: ServerConnection) {
        let fields: HTTPFields = [
            HTTPField("Content-Type", answer.type), HTTPField("Cache-Control", "no-store"),
        ]
        reply(answer.status, fields, answer.body, on: connection)
    }

    /// A status for those who ask whether it is ready.
    private static func text(_ status: SafetyNetStatus) -> [UInt8] {
        var writer = JSONWriter(escaping: .ascii)
        writer.object { text in
            text.field("ready", status.isReady)
            text.array("problems") { list in
                for problem in status.problems { list.append(problem) }
            }
            text.array("warnings") { list in
                for warning in status.warnings { list.append(warning) }
            }
            text.field("upstream_up", status.isUp)
            text.array("markets") { list in
                for market in status.markets {
                    list.object { row in
                        row.field("market", market.instrument.name)
                        row.field("book_trusted", market.isTrusted)
                        if let age = market.bookAge {
                            row.field("book_age_ms", age.milliseconds)
                        }
                        if let age = market.tickerAge {
                            row.field("ticker_age_ms", age.milliseconds)
                        }
                    }
                }
            }
        }
        return writer.bytes + [UInt8(ascii: "\n")]
    }
}

extension Duration {
    /// In whole milliseconds.
    var milliseconds: Int64 {
        components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    }
}
