import OutcryKernel
import OutcryMarket
import OutcryServing

/// What a sandbox's owner asks of it, over HTTP or within the process.
enum AdminCall: Sendable {
    /// `GET /status`.
    case status
    /// `GET /accounts`.
    case accounts
    /// `POST /accounts`.
    case open(SandboxAccountWish)
    /// `POST /keys`.
    case key(account: String, AccessRights)
    /// `DELETE /keys/KEY`.
    case revoke(key: String)
    /// `POST /deposits`.
    case deposit(account: String, Money, info: String)
    /// `POST /withdrawals`.
    case withdraw(account: String, Money, info: String)
    /// `GET /faults`.
    case faults
    /// `PATCH /faults`: names and values.
    case change([AdminPair])
    /// `GET /hash`.
    case hash
    /// `POST /snapshot`: a file's name beside the journal.
    case snapshot(file: String)
    /// `POST /restart`: everybody is dropped, and may come back after so long.
    case restart(after: Duration)
    /// `POST /disconnect`: everybody is dropped.
    case disconnect
}

/// A name and what it says.
struct AdminPair: Hashable, Sendable {
    let name: String
    let value: String
}

/// The answer to an ``AdminCall``: a status of HTTP's and JSON.
struct AdminReply: Sendable {
    let status: Int
    let json: [UInt8]
}

/// Why a request of the owner's is none, before anybody was asked.
struct AdminProblem: Error, Hashable, CustomStringConvertible {
    /// The status of the answer.
    let status: Int
    /// What was expected, and what came.
    let description: String
    /// `Allow`, for 405.
    var allowed: String?

    init(_ status: Int = 400, _ description: String, allowed: String? = nil) {
        self.status = status
        self.description = description
        self.allowed = allowed
    }

    /// A field that does not say what it should.
    static func field(_ name: String, _ expected: String, _ found: String) -> Self {
        Self(400, "\(name): expected \(expected), found \(found.shown())")
    }

}
