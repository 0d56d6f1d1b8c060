namespace Bitcoin.Node.Net.Transport;

/// <summary>How messages cross a connection.</summary>
internal enum TransportKind
{
    /// <summary>As plain frames.</summary>
    Plain,

    /// <summary>Not known yet: the peer's first bytes tell, or the keys are not confirmed.</summary>
    Detecting,

    /// <summary>Encrypted (BIP324).</summary>
    Encrypted,
}
