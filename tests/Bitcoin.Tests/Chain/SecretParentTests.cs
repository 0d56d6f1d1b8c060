using Bitcoin.Descriptors;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Tests;

internal sealed class SecretParentTests
{
    private static readonly ExtKey s_root = ExtKey.CreateFromSeed([.. new byte[31], 7]);

    [Test]
    public void A_range_of_hardened_keys_asks_for_its_private_key_once()
    {
        KeyExpression key = Parse("/2h/*h");
        int asked = 0;
        SecretParents parents = new(one =>
        {
            asked++;
            return one == s_root.PrivateKey.PubKey ? s_root.PrivateKey : null;
        });

        ExtPubKey?[] derived = [.. Enumerable.Range(0, 20).Select(i => key.DeriveHardened((uint)i, parents))];

        Assert.That(asked, Is.EqualTo(1));
        Assert.That(
            derived,
            Is.EqualTo(Enumerable.Range(0, 20).Select(static i => s_root.Derive(new KeyPath($"2'/{i}'")).Neuter())));
    }

    [Test]
    public void The_key_after_the_last_hardened_step_is_stored_on_the_way()
    {
        KeyExpression key = Parse("/44h/1h/3/*");

        ExtPubKey? parent = key.DeriveHardened(0, new SecretParents(static _ => s_root.PrivateKey));

        Assert.That(parent, Is.EqualTo(s_root.Derive(new KeyPath("44'/1'/3")).Neuter()));
        Assert.That(key.LastHardened, Is.EqualTo(s_root.Derive(new KeyPath("44'/1'")).Neuter()));
        Assert.That(key.Derive(9), Is.EqualTo(s_root.Derive(new KeyPath("44'/1'/3/9")).GetPublicKey()));
    }

    [Test]
    public void An_unknown_private_key_is_asked_for_again()
    {
        KeyExpression key = Parse("/2h/*h");
        Key? known = null;
        SecretParents parents = new(_ => known);
        Assert.That(key.DeriveHardened(0, parents), Is.Null);

        known = s_root.PrivateKey;

        Assert.That(key.DeriveHardened(0, parents), Is.Not.Null);
    }

    private static KeyExpression Parse(string path)
    {
        string text = s_root.Neuter().ToString(BitcoinNetworks.Regtest.Network) + path;
        return KeyExpression.TryParse(
            text, BitcoinNetworks.Regtest, false, false, out KeyExpression? key, out string error)
            ? key
            : throw new ArgumentException(error, nameof(path));
    }
}
