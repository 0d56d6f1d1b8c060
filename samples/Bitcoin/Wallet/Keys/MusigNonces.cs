using Bitcoin.Descriptors;
using NBitcoin;

namespace Bitcoin.Wallet.Keys;

/// <summary>
/// The secret nonces of a wallet's aggregated signatures that are not made yet. They are in memory only: a copy of the
/// file must not sign with a nonce again. Used under the wallet's gate.
/// </summary>
internal sealed class MusigNonces
{
    // A transaction that is never signed leaves its nonces behind.
    private const int Most = 10_000;

    private readonly Dictionary<string, MusigNonce> _nonces = [];
    private readonly Queue<string> _order = [];

    internal void Keep(MusigShare share, uint256 digest, MusigNonce nonce)
    {
        string id = IdOf(share, digest, [.. nonce.Public]);
        _nonces[id] = nonce;
        _order.Enqueue(id);
        while (_order.Count > Most)
        {
            if (_nonces.Remove(_order.Dequeue(), out MusigNonce? old))
            {
                old.Dispose();
            }
        }
    }

    /// <summary>Takes a nonce out by its public part; null if it is not the wallet's, or was used.</summary>
    internal MusigNonce? Take(MusigShare share, uint256 digest, byte[] nonce)
        => _nonces.Remove(IdOf(share, digest, nonce), out MusigNonce? found) ? found : null;

    private static string IdOf(MusigShare share, uint256 digest, byte[] nonce)
        => $"{share.Aggregate} {share.Participant} {digest} {Convert.ToHexStringLower(nonce)}";
}
