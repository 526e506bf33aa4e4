import Outcry

/// Where a sandbox's administrator is, and what lets its owner in.
struct AdminPlace {
    let address: String
    let token: String
}

/// One request to an administrator.
struct AdminQuestion {
    let method: String
    let target: String
    private(set) var body: [UInt8] = []

    init(_ method: String, _ target: String) {
        self.method = method
        self.target = target
    }

    init(_ method: String, _ target: String, _ fill: (inout JSONObjectWriter) -> Void) {
        self.init(method, target)
        var json = JSONWriter()
        json.object(fill)
        body = json.bytes
    }

    func call(_ place: AdminPlace, _ url: VenueURL) -> HTTPCall {
        var fields: HTTPFields = [HTTPField("Authorization", "Bearer \(place.token)")]
        if !body.isEmpty { fields.append("Content-Type", "application/json") }
        return HTTPCall(
            url: url, request: HTTPRequestHead(method: method, target: target, fields: fields),
            body: body)
    }
}

/// Makes one call, and ends.
final class AdminAsker: Session {
    private let call: HTTPCall
    private var outcome: Outcome<HTTPReply, HTTPFailure>?

    private init(_ call: HTTPCall) { self.call = call }

    static func handlers(_ on: inout Handlers<AdminAsker>) {
        on(.started) { me, _, my in
            my.start(HTTPClient(timeout: .seconds(70)), alias: "http")
            my.ask(.httpCall, to: "http", me.call, timeout: .seconds(75), then: .adminReply)
        }
        on(.adminReply) { me, answer, my in
            if case .reply(let outcome) = answer { me.outcome = outcome }
            my.kernel.stop()
        }
    }

    /// Asks, on a kernel of its own.
    static func ask(
        _ place: AdminPlace, _ question: AdminQuestion
    ) throws -> Outcome<HTTPReply, HTTPFailure> {
        let url: VenueURL
        do throws(CodecError) { url = try VenueURL("http://\(place.address)/") } catch {
            throw UsageError("--admin: expected an address such as 127.0.0.1:4000: \(error)")
        }
        let kernel = Kernel(driver: try Reactor())
        kernel.logLevel = .error
        let asker = AdminAsker(question.call(place, url))
        kernel.start(asker, alias: "asker")
        try kernel.run()
        return asker.outcome ?? .failure(.timedOut(.seconds(75)))
    }
}

extension Event where Payload == Answer<Outcome<HTTPReply, HTTPFailure>> {
    fileprivate static let adminReply = Self("admin.reply")
}
