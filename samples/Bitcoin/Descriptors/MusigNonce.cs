using NBitcoin.Secp256k1.Musig;

namespace Bitcoin.Descriptors;

/// <summary>
/// A secret nonce for one signature. Whoever sees two signatures with one nonce knows the private key.
/// </summary>
public sealed class MusigNonce : IDisposable
{
    internal MusigNonce(MusigPrivNonce secret)
    {
        Secret = secret;
        Public = secret.CreatePubNonce().ToBytes();
    }

    /// <summary>The public nonce, in 66 bytes.</summary>
    public IReadOnlyList<byte> Public { get; }

    internal MusigPrivNonce Secret { get; }

    /// <inheritdoc/>
    public void Dispose() => Secret.Dispose();
}
