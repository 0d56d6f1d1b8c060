namespace Multiprocess;

/// <summary>
/// The identity of the process at the other end of a connection: stated by the operating system on the same machine, by
/// the certificate over TLS.
/// </summary>
/// <remarks>
/// Over a pipe or stream of the application, the application states the identity; by default nothing is known.
/// </remarks>
/// <param name="ProcessId">The peer's process id; 0 when unknown.</param>
/// <param name="UserId">The peer's effective user id; -1 when unknown.</param>
/// <param name="GroupId">The peer's effective group id; -1 when unknown.</param>
public sealed record IpcPeer(int ProcessId, long UserId, long GroupId)
{
    /// <summary>
    /// The subject of the certificate that the peer presented and this side trusts; null without TLS.
    /// </summary>
    public string? CertificateSubject { get; init; }

    /// <summary>That certificate's SHA-256 fingerprint, 64 hexadecimal digits; null without TLS.</summary>
    public string? CertificateFingerprint { get; init; }

    /// <summary>
    /// The name of the user that the application's server (ASP.NET Core, for example) authenticated before it handed
    /// over the connection; null when there was no authentication.
    /// </summary>
    public string? UserName { get; init; }

    /// <summary>A short description of the peer, for logs.</summary>
    internal string Description => this switch
    {
        { UserName: { } name } => $"user '{name}'",
        { CertificateSubject: { } subject } => $"'{subject}'",
        { ProcessId: 0, UserId: -1 } => "a peer without credentials",
        _ => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"process {ProcessId} of user {UserId}"),
    };
}
