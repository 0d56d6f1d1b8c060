using System.Security.Cryptography;
using Bitcoin.Descriptors;
using Bitcoin.Descriptors.Miniscripts;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Tests;

internal sealed class MiniscriptTests
{
    private static readonly Key[] s_keys =
        [.. Enumerable.Range(1, 5).Select(static number => new Key([.. new byte[31], (byte)number]))];

    private static readonly byte[] s_preimage = [.. Enumerable.Repeat((byte)7, 32)];

    private static readonly string s_hash = new('f', 40);

    [TestCase("and_v(and_v(v:hash160(H),v:pk(A)),older(1))")]
    [TestCase("or_d(multi(2,A,B,C),and_v(v:older(4032),pk(D)))")]
    [TestCase("or_i(and_v(v:pkh(A),after(500000000)),pk(B))", false)]
    [TestCase("andor(pk(A),older(144),pk(B))")]
    [TestCase("and_n(pk(A),older(10))")]
    [TestCase("thresh(2,pk(A),s:pk(B),sln:after(500000000))")]
    [TestCase("t:or_c(pk(A),v:pk(B))")]
    [TestCase("or_b(pk(A),a:pk(B))")]
    [TestCase("and_b(pk(A),s:pk(B))")]
    [TestCase("and_v(v:multi(1,A,B),pk(C))")]
    [TestCase("andor(multi(1,A,B),after(1),or_i(multi(1,C,D),pk(E)))")]
    public void A_script_is_read_back_as_what_it_was_written_as(string text, bool isInferred = true)
    {
        text = WithKeys(text);
        Assert.That(
            Descriptor.TryParse(
                $"wsh({text})", BitcoinNetworks.Regtest, false, out Descriptor? descriptor, out string error),
            Is.True,
            error);
        Assert.That(descriptor!.ToString(), Is.EqualTo($"wsh({text})"));
        Script script = descriptor.InnerScripts(0).First();

        string? inferred = Infer.OfWitnessScript(script, BitcoinNetworks.Regtest);

        Assert.That(
            inferred,
            isInferred ? Is.EqualTo(DescriptorChecksum.Append($"wsh({text})")) : Is.Null,
            "a key cannot be told from its hash");
        Assert.That(descriptor.Expand(0).Single(), Is.EqualTo(script.WitHash.ScriptPubKey));
    }

    [TestCase("or_i(pk(A),pk(A))", "contains duplicate public keys")]
    [TestCase("and_b(older(1),a:after(1))", "witnesses without signature exist")]
    [TestCase("and_b(and_v(v:pk(A),older(1)),a:and_v(v:pk(B),older(4194305)))", "contains mixes of timelocks")]
    [TestCase("or_i(older(1),pk(A))", "is not sane")]
    [TestCase("and_b(pk(A),pk(B))", "is invalid")]
    [TestCase("and_v(v:multi(4,A,B),pk(C))", "A function is needed within P2WSH")]
    [TestCase("older(0)", "A function is needed within P2WSH")]
    [TestCase("and_v(v:pk(A))", "A function is needed within P2WSH")]
    [TestCase("x:pk(A)", "A function is needed within P2WSH")]
    [TestCase("0", "0 is not satisfiable")]
    [TestCase("1", "witnesses without signature exist")]
    public void What_is_not_sane_is_refused_with_the_reason(string text, string reason)
    {
        Assert.That(
            Descriptor.TryParse(
                $"wsh({WithKeys(text)})", BitcoinNetworks.Regtest, false, out _, out string error),
            Is.False);
        Assert.That(error, Does.Contain(reason));
    }

    [TestCase("wsh(and_v(v:pk(A),older(65535)))", null)]
    [TestCase("wsh(and_v(v:pk(A),older(65536)))",
        "height-based relative locktime: older(65536) > 65535 blocks is unsafe")]
    [TestCase("sh(wsh(and_v(v:pk(A),or_i(pk(B),older(4194304)))))", null)]
    [TestCase("sh(wsh(and_v(v:pk(A),or_i(pk(B),older(4259840)))))",
        "time-based relative locktime: older(4259840) > (65535 * 512) seconds is unsafe")]
    [TestCase("tr(A,{pk(B),and_v(v:pk(C),older(100000))})",
        "height-based relative locktime: older(100000) > 65535 blocks is unsafe")]
    public void A_lock_that_is_longer_than_consensus_can_count_is_warned_about(string text, string? warning)
    {
        Assert.That(
            Descriptor.TryParse(
                WithKeys(text), BitcoinNetworks.Regtest, false, out Descriptor? descriptor, out string error),
            Is.True,
            error);
        Assert.That(descriptor!.Warnings, Is.EqualTo(warning is null ? [] : new[] { warning }));
    }

    [Test]
    public void A_leaf_may_be_as_large_as_a_standard_transaction_allows()
    {
        const int Largest = 329_482;
        string key = s_keys[0].PubKey.ToHex()[2..];
        string padding = new('n', Largest - 34);
        string text = $"tr({s_keys[1].PubKey.ToHex()[2..]},{padding}:pk({key}))";

        Assert.That(
            Descriptor.TryParse(text, BitcoinNetworks.Regtest, false, out Descriptor? leaf, out string error),
            Is.True,
            error);
        Assert.That(leaf!.ToString(), Is.EqualTo(text));
        Script script = leaf.TaprootSpending(0)!.Leaves[0].Script;
        Assert.That(script.Length, Is.EqualTo(Largest));
        Assert.That(
            MiniscriptSpending.Satisfy(
                script,
                isTapscript: true,
                Forge.Spend(new OutPoint(uint256.One, 0)),
                0,
                static _ => [1],
                static _ => null,
                static (_, _) => null),
            Has.Count.EqualTo(1));
        Assert.That(
            Descriptor.TryParse(
                text.Replace("n:", "nn:", StringComparison.Ordinal), BitcoinNetworks.Regtest, false, out _, out error),
            Is.False);
        Assert.That(error, Does.EndWith("is not a valid descriptor function"));
    }

    [Test]
    public void Neither_a_text_nor_a_script_exhausts_the_stack()
    {
        const int Deep = 100_000;
        string text = string.Concat(Enumerable.Repeat("n:", Deep)) + WithKeys("pk(A)");
        byte[] script = [.. Enumerable.Repeat((byte)OpcodeType.OP_0NOTEQUAL, Deep)];

        Assert.That(Descriptor.TryParse($"wsh({text})", BitcoinNetworks.Regtest, false, out _, out _), Is.False);
        Assert.That(Infer.OfWitnessScript(Script.FromBytesUnsafe(script), BitcoinNetworks.Regtest), Is.Null);
    }

    [TestCase("and_v(v:pk(A),pk(B))", "AB", 0u, true)]
    [TestCase("and_v(v:pk(A),pk(B))", "A", 0u, false)]
    [TestCase("or_d(pk(A),and_v(v:pkh(B),older(10)))", "A", 0u, true)]
    [TestCase("or_d(pk(A),and_v(v:pkh(B),older(10)))", "B", 0u, false)]
    [TestCase("or_d(pk(A),and_v(v:pkh(B),older(10)))", "B", 10u, true)]
    [TestCase("thresh(2,pk(A),s:pk(B),s:pk(C))", "AC", 0u, true)]
    [TestCase("thresh(2,pk(A),s:pk(B),s:pk(C))", "C", 0u, false)]
    [TestCase("andor(pk(A),older(5),pk(B))", "A", 5u, true)]
    [TestCase("andor(pk(A),older(5),pk(B))", "B", 0u, true)]
    [TestCase("t:or_c(pk(A),v:pk(B))", "B", 0u, true)]
    [TestCase("or_i(pk(A),multi(2,B,C,D))", "BD", 0u, true)]
    [TestCase("and_b(pk(A),a:or_b(pk(B),s:pk(C)))", "AC", 0u, true)]
    [TestCase("and_v(v:pk(A),sha256(P))", "A", 0u, true)]
    [TestCase("and_v(v:pk(A),sha256(P))", "B", 0u, false)]
    [TestCase("and_v(v:pk(A),hash256(P))", "A", 0u, false)]
    [TestCase("andor(pk(A),sha256(P),pk(B))", "A", 0u, true)]
    public void A_witness_is_found_where_the_signatures_are_enough_and_the_engine_takes_it(
        string text, string signers, uint age, bool isEnough)
    {
        Assert.That(
            Descriptor.TryParse(
                $"wsh({WithKeys(text)})", BitcoinNetworks.Regtest, false, out Descriptor? descriptor, out string error),
            Is.True,
            error);
        Script script = descriptor!.InnerScripts(0).First();
        TxOut output = new(Money.Coins(1), script.WitHash.ScriptPubKey);
        Transaction transaction = Forge.Spend(new OutPoint(uint256.One, 0));
        transaction.Version = 2;
        transaction.Inputs[0].Sequence = age;
        Dictionary<string, Key> known = signers.ToDictionary(
            static letter => s_keys[letter - 'A'].PubKey.ToHex(), static letter => s_keys[letter - 'A']);

        IReadOnlyList<byte[]>? stack = MiniscriptSpending.Satisfy(
            script,
            isTapscript: false,
            transaction,
            0,
            key => known.GetValueOrDefault(Convert.ToHexStringLower(key)) is { } secret ? Sign(secret) : null,
            static hash => s_keys.Select(static key => key.PubKey).FirstOrDefault(
                key => key.Hash.ToBytes().AsSpan().SequenceEqual(hash))?.ToBytes(),
            static (operation, hash) => operation == OpcodeType.OP_SHA256
                && hash.AsSpan().SequenceEqual(SHA256.HashData(s_preimage))
                    ? s_preimage
                    : null);

        Assert.That(stack is not null, Is.EqualTo(isEnough));
        if (stack is not null)
        {
            transaction.Inputs[0].WitScript = new WitScript([.. stack, script.ToBytes()]);
            Assert.That(
                transaction.CreateValidator([output]).ValidateInput(0).Error, Is.Null, string.Join(' ', stack.Count));
        }

        byte[] Sign(Key secret)
        {
            uint256 hash = transaction.GetSignatureHash(
                script, 0, SigHash.All, output, HashVersion.WitnessV0, transaction.PrecomputeTransactionData([output]));
            return new TransactionSignature(secret.Sign(hash), SigHash.All).ToBytes();
        }
    }

    private static string WithKeys(string text)
    {
        return string.Concat(text.Select(static letter => letter switch
        {
            >= 'A' and <= 'E' => s_keys[letter - 'A'].PubKey.ToHex(),
            'H' => s_hash,
            'P' => Convert.ToHexStringLower(SHA256.HashData(s_preimage)),
            _ => letter.ToString(),
        }));
    }
}
