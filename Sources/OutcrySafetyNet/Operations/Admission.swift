import OutcryComponents
import OutcryCrypto
import OutcryKernel
import OutcryServing
import OutcryWire

/// Who may come: tokens, and rates by address. No kernel, no I/O.
///
/// A client shows its token as it can: in the field `X-SafetyNet-Token`, as `Authorization: Bearer …`, as
/// the password of `Authorization: Basic …`, or as `token=…` in the query. A browser adds the password that
/// its user has given here to whatever any page asks: it counts for our own pages and those that are
/// trusted.
struct Admission {
    static let field = "X-SafetyNet-Token"

    private(set) var access: SafetyNetAccess
    private var requests: CallRate<String>
    /// Connections by address. Only looked up.
    private var connections: [String: Int] = [:]

    init(_ access: SafetyNetAccess) {
        self.access = access
        requests = CallRate(access.requests?.count, access.requests?.span)
    }

    /// Other rules, from now on.
    mutating func change(to access: SafetyNetAccess) {
        if access.requests?.count != self.access.requests?.count
            || access.requests?.span != self.access.requests?.span
        {
            requests = CallRate(access.requests?.count, access.requests?.span)
        }
        self.access = access
    }

    // MARK: Connections

    /// A connection comes from an address; false: it is one too many.
    mutating func open(from peer: String, all: Int) -> Bool {
        let address = peer.withoutPort
        let count = connections[address] ?? 0
        guard all < access.connections, count < access.connectionsPerAddress ?? .max else {
            return false
        }
        connections[address] = count + 1
        return true
    }

    /// A connection has ended that was counted.
    mutating func close(from peer: String) {
        let address = peer.withoutPort
        guard let count = connections[address] else { return }
        connections[address] = count > 1 ? count - 1 : nil
    }

    // MARK: Requests

    /// Lets a request in, or says why not.
    mutating func admit(
        _ head: HTTPRequestHead, from peer: String, at now: KernelTime
    ) throws(CallRefusal) {
        // The rate first: guesses at tokens count.
        if access.requests != nil, let wait = requests.wait(peer.withoutPort, at: now) {
            throw .tooManyRequests(wait: wait)
        }
        guard !access.tokens.isEmpty, !isShown(in: head) else { return }
        throw CallRefusal(
            status: 401, message: "Expected a token of this SafetyNet", token: "safetynet_token",
            fields: [HTTPField("WWW-Authenticate", "Basic realm=\"SafetyNet\"")])
    }

    private func isShown(in head: HTTPRequestHead) -> Bool {
        if let text = head.fields[Self.field], isToken(text) { return true }
        if let text = Self.credential(head.fields["Authorization"]), isToken(text) {
            let isByBrowser = head.fields["Authorization"]?.lowercased().hasPrefix("basic") == true
            if !isByBrowser || !isForeign(head) { return true }
        }
        guard let query = head.query, let items = try? PercentEncoding.items(query) else {
            return false
        }
        return items.contains { $0.name == "token" && isToken($0.value) }
    }

    /// Whether a page of somebody else's asks, as its browser says.
    private func isForeign(_ head: HTTPRequestHead) -> Bool {
        if let origin = head.fields["Origin"] {
            var rules = SocketIORules()
            rules.trustedOrigins = access.trustedOrigins
            return !rules.trusts(origin, head.fields["Host"])
        }
        // Of scripts, which have no origin: by Fetch Metadata, which all browsers tell since 2023.
        return head.fields["Sec-Fetch-Site"] == "cross-site"
            && head.fields["Sec-Fetch-Mode"] != "navigate"
    }

    /// What `Bearer` shows, or the password that `Basic` shows.
    private static func credential(_ field: String?) -> String? {
        guard let field else { return nil }
        let parts = field.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        guard parts.count == 2 else { return nil }
        switch parts[0].lowercased() {
        case "bearer": return String(parts[1])
        case "basic":
            guard let bytes = try? Base64.decode(String(parts[1])) else { return nil }
            let text = String(decoding: bytes, as: UTF8.self)
            return text.firstIndex(of: ":").map { String(text[text.index(after: $0)...]) }
        default: return nil
        }
    }

    /// Whether a text is a token; it takes as long whichever it is not.
    private func isToken(_ text: String) -> Bool {
        var isOne = false
        for token in access.tokens where Self.isEqual(token.utf8, text.utf8) { isOne = true }
        return isOne
    }

    private static func isEqual(_ one: String.UTF8View, _ other: String.UTF8View) -> Bool {
        var difference = one.count ^ other.count
        for (a, b) in zip(one, other) { difference |= Int(a ^ b) }
        return difference == 0
    }

    /// Takes our token out of a request that goes upstream: it is nobody else's business.
    func hideToken(in head: inout HTTPRequestHead) {
        if let text = Self.credential(head.fields["Authorization"]), isToken(text) {
            head.fields.remove("Authorization")
        }
        guard !access.tokens.isEmpty, let mark = head.target.firstIndex(of: "?") else { return }
        let query = head.target[head.target.index(after: mark)...]
        let kept = query.split(separator: "&", omittingEmptySubsequences: false).filter { item in
            guard let pair = try? PercentEncoding.items(item).first, pair.name == "token" else {
                return true
            }
            return !isToken(pair.value)
        }
        let path = head.target[..<mark]
        head.target = kept.isEmpty ? String(path) : "\(path)?\(kept.joined(separator: "&"))"
    }
}
