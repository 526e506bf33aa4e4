import OutcryCrypto
import OutcryServing
import OutcryVenues
import OutcryWire

// The order of the checks: the key, the signature in constant time, then what makes the call new; so
// nobody without the secret burns a nonce or learns which keys there are.

extension AccessTable {
    /// Verifies a private HTTP call.
    ///
    /// An unknown key costs the same work as a known one: its signature is checked with a decoy.
    ///
    /// - Parameters:
    ///   - target: the request's target, as sent.
    ///   - fields: the request's fields, `Rest-Key` and `Rest-Sign` among them.
    ///   - body: the form, as sent; the nonce or tonce is in it.
    ///   - now: the server's time, microseconds since 1970.
    mutating func verify(
        _ target: String, _ fields: HTTPFields, body: [UInt8], now: Int64
    ) throws(AccessRefusal) -> AccessGrant {
        guard let keyText = fields["Rest-Key"] else { throw .noKey }
        let guid = MtGoxGUID(keyText)
        guard let sign = fields["Rest-Sign"] else { throw .noSignature }
        let code: [UInt8]
        do {
            code = try MtGoxRestSignature.decode(sign)
        } catch {
            throw .badSignature(error)
        }
        let wanted = MtGoxRestSignature.code(
            for: target, body: body.span, key: secret(of: guid))
        let isRight = ConstantTime.equal(wanted, code)
        guard let guid, self[guid] != nil else { throw .unknownKey }
        guard isRight else { throw .badSignature(nil) }
        return try accept(guid, try Self.stamp(of: body), now: now)
    }

    /// Verifies a call over the stream and reads what it asks.
    ///
    /// - Parameters:
    ///   - base64: the field `call` of the message.
    ///   - now: the server's time, microseconds since 1970.
    mutating func verify(
        call base64: String, now: Int64
    ) throws(AccessRefusal) -> (grant: AccessGrant, body: MtGoxCallBody) {
        let sealed: MtGoxSealedCall
        do {
            sealed = try MtGoxSealedCall(base64: base64)
        } catch {
            throw .badCall(error)
        }
        let isRight = sealed.isSigned(with: secret(of: sealed.key))
        guard self[sealed.key] != nil else { throw .unknownKey }
        guard isRight else { throw .badSignature(nil) }
        let body: MtGoxCallBody
        do {
            body = try MtGoxCallBody(sealed.body.span)
        } catch {
            throw error.part == .stamp ? .badStamp(error) : .badCall(error)
        }
        return (try accept(sealed.key, body.stamp, now: now), body)
    }

    /// The nonce or tonce of a form; of a field that comes twice the last one counts, as in PHP.
    private static func stamp(of body: [UInt8]) throws(AccessRefusal) -> MtGoxCallStamp {
        let items = (try? PercentEncoding.items(String(decoding: body, as: UTF8.self))) ?? []
        do {
            return try MtGoxCallStamp(
                nonce: items.last { $0.name == "nonce" }?.value,
                tonce: items.last { $0.name == "tonce" }?.value)
        } catch {
            throw .badStamp(error)
        }
    }
}
