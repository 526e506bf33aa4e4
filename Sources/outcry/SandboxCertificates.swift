import Glibc
import Outcry
import OutcrySandbox

/// The authority of `outcry sandbox --tls` and its certificate for the venue's hosts, in a folder: made at
/// the first start, taken again at the next.
struct SandboxCertificates {
    /// What was done at this start.
    enum Deed: String {
        case made = "made now: what trusts it has to be told"
        case renewed = "of an earlier start, with a new certificate"
        case found = "of an earlier start"
    }

    /// Where it all is.
    let folder: String
    /// What clients have to trust, a file.
    var authorityPath: String { "\(folder)/ca.pem" }
    /// What the sandbox shows its clients.
    let identity: TLSIdentity
    let deed: Deed

    /// The hosts of the venue, and this machine by its own names.
    static let names = CertifiedNames(
        hosts: SandboxExchange.hostNames + ["localhost"], addresses: ["127.0.0.1", "::1"])

    private static let day: Int64 = 86_400
    /// What ends sooner is made anew.
    private static let margin = 30 * day

    /// Opens the folder, which is made if it is not there; a new one among the temporary if none is named.
    ///
    /// - Throws: ``UsageError`` when the folder cannot be used, or holds what does not fit together.
    init(folder named: String?) throws {
        let folder = try KeyFolder(named)
        defer { folder.close() }
        self.folder = folder.path
        let now = Int64(time(nil))
        var deed = Deed.found
        let authority: CertificateAuthority
        if let kept = try Self.authority(in: folder), kept.isValid(at: now),
            kept.isValid(at: now + Self.margin)
        {
            authority = kept
        } else {
            authority = try .make(
                "Outcry Sandbox Authority", for: Self.names,
                valid: now - Self.day..<now + 3_650 * Self.day)
            try folder.write(authority.identity.key, to: "ca.key", isSecret: true)
            try folder.write(authority.identity.certificate, to: "ca.pem", isSecret: false)
            deed = .made
        }
        let server: CertifiedKey
        if let kept = try? Self.pair("sandbox", in: folder),
            authority.vouches(for: kept, names: Self.names, at: now),
            authority.vouches(for: kept, names: Self.names, at: now + Self.margin)
        {
            server = kept
        } else {
            server = try authority.issue(
                for: Self.names, valid: now - Self.day..<now + 397 * Self.day)
            try folder.write(server.key, to: "sandbox.key", isSecret: true)
            try folder.write(server.certificate, to: "sandbox.pem", isSecret: false)
            if deed == .found { deed = .renewed }
        }
        self.deed = deed
        identity = TLSIdentity(chain: .text(server.certificate), key: .text(server.key))
    }

    /// The authority that is kept there; nil if none is.
    private static func authority(in folder: KeyFolder) throws -> CertificateAuthority? {
        guard let pair = try pair("ca", in: folder) else { return nil }
        do throws(CryptoError) { return try CertificateAuthority(pair) } catch {
            throw UsageError("\(folder.path)/ca.pem: \(error)")
        }
    }

    /// A certificate and its key; nil if neither is there.
    private static func pair(_ name: String, in folder: KeyFolder) throws -> CertifiedKey? {
        let certificate = try folder.read("\(name).pem", isSecret: false)
        let key = try folder.read("\(name).key", isSecret: true)
        guard let certificate, let key else {
            guard certificate != nil || key != nil else { return nil }
            throw UsageError(
                "--tls: expected \(name).pem and \(name).key in \(folder.path), found "
                    + (certificate == nil ? "\(name).key" : "\(name).pem") + " alone")
        }
        do throws(CryptoError) { return try CertifiedKey(certificate: certificate, key: key) } catch
        {
            throw UsageError("--tls: \(folder.path)/\(name).pem and \(name).key: \(error)")
        }
    }
}
