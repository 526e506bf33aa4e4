import OutcryComponents
import OutcryKernel
import OutcryVenues

/// Signs with the time as tonce.
final class StandInSigner: Session {
    let link: Link
    let credentials: MtGoxCredentials
    var last: UInt64 = 0

    init(_ link: Link, _ credentials: MtGoxCredentials) {
        self.link = link
        self.credentials = credentials
    }

    static func handlers(_ on: inout Handlers<StandInSigner>) {
        on(.mtgoxSeal) { me, job, my in
            me.last = max(me.last + 1, UInt64(my.wallNow.microseconds))
            let stamp = MtGoxCallStamp.tonce(me.last)
            let message: MtGoxSealed.Message
            switch job.carrier {
            case .stream(let id):
                guard let body = job.call.callBody(id: id, stamp: stamp) else { return }
                message = .stream(me.credentials.message(body))
            case .http:
                let body = job.call.form(stamp)
                message = .http(
                    target: job.call.httpTarget,
                    fields: me.credentials.fields(job.call.httpTarget, body: body.span), body: body)
            }
            my.post(
                .mtgoxSealed, to: me.link.gateway,
                MtGoxSealed(number: job.number, stamp: stamp, message: message))
        }
        on(.mtgoxSealDone) { _, _, _ in }
        on(.mtgoxClock) { _, _, _ in }
    }
}
