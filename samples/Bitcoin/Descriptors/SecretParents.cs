using NBitcoin;

namespace Bitcoin.Descriptors;

/// <summary>
/// The private keys above the last step of the keys of a descriptor. Each is decrypted and derived once, however many
/// keys of a range are wanted. Meant for one run over a range: the private keys stay in memory as long as this object.
/// </summary>
/// <param name="find">Returns the private key of a root; null if it is not known.</param>
public sealed class SecretParents(Func<PubKey, Key?> find)
{
    private readonly Dictionary<KeyExpression, ExtKey> _known = [];

    /// <summary>The private key above the last step of a key; null if its root is not known.</summary>
    public ExtKey? Of(KeyExpression key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (!_known.TryGetValue(key, out ExtKey? parent) && key.SecretParent(find) is { } derived)
        {
            _known[key] = parent = derived;
        }

        return parent;
    }
}
