import OutcryCrypto
import OutcryServing
import OutcryVenues

/// The API keys of all accounts.
///
/// Where it needs chance, it takes it from the generator that it is given: only programs have one of
/// their own, and a simulation has a seeded one.
struct AccessTable {
    /// Never iterated: their order is another one in each process.
    private var keys: [MtGoxGUID: APIKey] = [:]
    /// The keys in the order they came in.
    private(set) var guids: [MtGoxGUID] = []
    /// What a call with an unknown key is checked with, for the same work.
    private let decoy: HMACSHA512Key

    /// Makes an empty table.
    init(using random: inout some RandomNumberGenerator) {
        decoy = HMACSHA512Key(Self.bytes(64, using: &random))
    }

    /// How many keys there are.
    var count: Int { guids.count }

    /// A key by its name.
    subscript(guid: MtGoxGUID) -> APIKey? { keys[guid] }

    /// Makes a key for an account, which is not in the table yet: a random name and 64 random bytes.
    func make(
        owner: OwnerNumber, rights: AccessRights, using random: inout some RandomNumberGenerator
    ) -> NewAPIKey {
        var guid = MtGoxGUID.random(using: &random)
        while keys[guid] != nil { guid = .random(using: &random) }
        return NewAPIKey(
            guid: guid, owner: owner, rights: rights, secret: Self.bytes(64, using: &random))
    }

    /// Makes a key for an account and takes it.
    mutating func create(
        owner: OwnerNumber, rights: AccessRights, using random: inout some RandomNumberGenerator
    ) -> NewAPIKey {
        let key = make(owner: owner, rights: rights, using: &random)
        add(key)
        return key
    }

    /// Takes a key that was made before.
    ///
    /// - Precondition: no key has its name.
    mutating func add(_ key: NewAPIKey) {
        precondition(keys[key.guid] == nil, "an API key is added once")
        keys[key.guid] = APIKey(
            guid: key.guid, owner: key.owner, rights: key.rights,
            secret: HMACSHA512Key(key.secret))
        guids.append(key.guid)
    }

    /// Takes a key away; false where there is none of that name.
    mutating func revoke(_ guid: MtGoxGUID) -> Bool {
        guard keys.removeValue(forKey: guid) != nil else { return false }
        guids.removeAll { $0 == guid }
        return true
    }

    /// The secret of a key, or the decoy, which makes no code that anybody knows.
    func secret(of guid: MtGoxGUID?) -> HMACSHA512Key {
        guid.flatMap { keys[$0]?.secret } ?? decoy
    }

    /// Accepts a call of a key whose signature was right.
    mutating func accept(
        _ guid: MtGoxGUID, _ stamp: MtGoxCallStamp, now: Int64
    ) throws(AccessRefusal) -> AccessGrant {
        // Not the key itself: who holds that has its tonces copied, all of them, with each call.
        guard let (owner, rights) = keys[guid].map({ ($0.owner, $0.rights) }) else {
            throw .unknownKey
        }
        var refusal: AccessRefusal?
        do throws(AccessRefusal) {
            try keys[guid]?.stamps.accept(stamp, now: now)
        } catch {
            refusal = error
        }
        if let refusal { throw refusal }
        return AccessGrant(key: guid, owner: owner, rights: rights, stamp: stamp)
    }

    private static func bytes(
        _ count: Int, using random: inout some RandomNumberGenerator
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        while bytes.count < count {
            let word = random.next()
            for shift in stride(from: 0, to: 64, by: 8) where bytes.count < count {
                bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
            }
        }
        return bytes
    }
}

extension MtGoxGUID {
    /// A random one of version 4.
    static func random(using random: inout some RandomNumberGenerator) -> MtGoxGUID {
        MtGoxGUID(
            high: random.next() & ~0xF000 | 0x4000, low: random.next() & ~(3 << 62) | 2 << 62)
    }
}
