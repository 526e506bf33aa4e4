import OutcryCrypto
import OutcryServing
import OutcryVenues

/// One key of an account: who it stands for, what it may do, and which calls it has seen.
///
/// - Source: the protocol reference, section 3.1.
struct APIKey: Sendable {
    /// Its name, which goes with each call.
    let guid: MtGoxGUID
    /// Whose it is.
    let owner: OwnerNumber
    /// What it may do.
    let rights: AccessRights
    /// The secret, ready to check with.
    let secret: HMACSHA512Key
    /// The nonces and tonces that it has accepted.
    var stamps = StampMemory()
}

/// A key as its owner gets to see it, once.
struct NewAPIKey: Sendable, CustomStringConvertible, CustomReflectable {
    let guid: MtGoxGUID
    let owner: OwnerNumber
    let rights: AccessRights
    /// 64 bytes; the table keeps only what is made of them.
    let secret: [UInt8]

    /// The secret as it is shown to the owner: 88 characters.
    var secretText: String { Base64.encode(secret) }

    /// Without the secret.
    var description: String { "key \(guid) of \(owner), rights \(rights)" }
    /// Without the secret.
    var customMirror: Mirror { Mirror(self, children: ["key": "\(guid)"]) }
}

/// What a verified call may do, and as whom.
struct AccessGrant: Hashable, Sendable {
    /// The key that signed.
    let key: MtGoxGUID
    /// Whose key it is.
    let owner: OwnerNumber
    /// What the key may do.
    let rights: AccessRights
    /// What made the call new; who keeps keys keeps this with them.
    let stamp: MtGoxCallStamp

    /// Demands one right, or one of several.
    ///
    /// - Throws: ``AccessRefusal/missingRight(_:has:)``.
    func require(anyOf wanted: AccessRights) throws(AccessRefusal) {
        guard wanted.isEmpty || !rights.isDisjoint(with: wanted) else {
            throw .missingRight(wanted, has: rights)
        }
    }
}
