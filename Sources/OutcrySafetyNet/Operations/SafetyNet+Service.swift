import COutcryPages
import OutcryKernel
import OutcryWire

// What is asked about the server, of those who are let in: the page, and how it is for programs.

extension SafetyNet {
    /// The page (`/`), its status (`/status.json`), and the same for Prometheus (`/metrics`). Nil for
    /// anything else.
    func service(_ head: HTTPRequestHead, _ my: Context) -> ServiceAnswer? {
        guard head.method == "GET" || head.method == "HEAD",
            !WebSocketServerHandshake.isAsked(in: head)
        else { return nil }
        switch head.path {
        case "/": return ServiceAnswer(type: "text/html; charset=utf-8", body: Self.page)
        case "/status.json": return ServiceAnswer(body: status(my).json)
        case "/metrics":
            let text = status(my).prometheus
            return ServiceAnswer(type: PrometheusText.type, body: Array(text.utf8))
        default: return nil
        }
    }

    /// The page, which asks for nothing but what stands on this server.
    private static let page: [UInt8] = {
        let page = unsafe outcry_page_safetynet()
        return unsafe Array(UnsafeBufferPointer(start: page.bytes, count: page.count))
    }()
}
