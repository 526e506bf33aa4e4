import OutcryCrypto
import OutcryWire

/// Puts a key's signature under calls, for either carrier. It knows nothing of time.
struct MtGoxSeal {
    private let credentials: MtGoxCredentials
    private var writer: MtGoxCallWriter

    /// Whose calls these are.
    var key: MtGoxGUID { credentials.key }

    init(_ credentials: MtGoxCredentials) {
        self.credentials = credentials
        writer = MtGoxCallWriter(credentials)
    }

    /// The message of a call; nil for one that has no name in the stream, and should go there.
    mutating func message(
        _ job: MtGoxSealJob, _ stamp: MtGoxCallStamp
    ) -> MtGoxSealed.Message? {
        switch job.carrier {
        case .stream(let id):
            guard let name = job.call.streamName else { return nil }
            return .stream(writer.message(job.call, named: name, id: id, stamp))
        case .http:
            let body = job.call.form(stamp)
            let target = job.call.httpTarget
            return .http(
                target: target, fields: credentials.fields(target, body: body.span), body: body)
        }
    }
}
