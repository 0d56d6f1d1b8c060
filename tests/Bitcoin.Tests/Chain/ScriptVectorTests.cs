using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Bitcoin.Chain.Rules;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Tests;

/// <summary>
/// Bitcoin Core's vectors of scripts and transactions, from a folder that <see cref="Variable"/> names:
/// script_tests.json, tx_valid.json, tx_invalid.json.
/// </summary>
/// <remarks>
/// Vectors of tapscript whose scripts Bitcoin Core's test puts together itself are left out. The word for an error may
/// be another one; whether a script is good may not.
/// </remarks>
internal sealed class ScriptVectorTests
{
    private const string Variable = "BITCOIN_CORE_VECTORS";

    private static readonly Dictionary<string, ScriptVerify> s_flags = new(StringComparer.Ordinal)
    {
        [""] = ScriptVerify.None,
        ["NONE"] = ScriptVerify.None,
        ["P2SH"] = ScriptVerify.P2SH,
        ["STRICTENC"] = ScriptVerify.StrictEnc,
        ["DERSIG"] = ScriptVerify.DerSig,
        ["LOW_S"] = ScriptVerify.LowS,
        ["SIGPUSHONLY"] = ScriptVerify.SigPushOnly,
        ["MINIMALDATA"] = ScriptVerify.MinimalData,
        ["NULLDUMMY"] = ScriptVerify.NullDummy,
        ["DISCOURAGE_UPGRADABLE_NOPS"] = ScriptVerify.DiscourageUpgradableNops,
        ["CLEANSTACK"] = ScriptVerify.CleanStack,
        ["MINIMALIF"] = ScriptVerify.MinimalIf,
        ["NULLFAIL"] = ScriptVerify.NullFail,
        ["CHECKLOCKTIMEVERIFY"] = ScriptVerify.CheckLockTimeVerify,
        ["CHECKSEQUENCEVERIFY"] = ScriptVerify.CheckSequenceVerify,
        ["WITNESS"] = ScriptVerify.Witness,
        ["DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM"] = ScriptVerify.DiscourageUpgradableWitnessProgram,
        ["WITNESS_PUBKEYTYPE"] = ScriptVerify.WitnessPubkeyType,
        ["CONST_SCRIPTCODE"] = ScriptVerify.ConstScriptCode,
        ["TAPROOT"] = ScriptVerify.Taproot,
    };

    private static readonly ScriptVerify s_all = s_flags.Values.Aggregate(static (all, one) => all | one);

    [Test]
    public void Scripts_are_good_where_Bitcoin_Core_says_so()
    {
        List<string> wrong = [];
        int run = 0;
        foreach (JsonArray vector in Vectors("script_tests.json").Where(static vector => vector.Count >= 4))
        {
            int at = vector[0] is JsonArray ? 1 : 0;
            byte[][] witness = [];
            Money amount = Money.Zero;
            if (vector[0] is JsonArray given)
            {
                if (given.Take(given.Count - 1).Any(static item => item!.ToString().StartsWith('#')))
                {
                    continue;
                }

                witness =
                    [
                        .. given.Take(given.Count - 1).Select(static item => Convert.FromHexString(item!.ToString())),
                    ];
                amount = Money.Satoshis((long)Math.Round(given[^1]!.GetValue<decimal>() * Money.COIN));
            }

            run++;
            Script signature = Parse(vector[at]!.ToString());
            Script key = Parse(vector[at + 1]!.ToString());
            ScriptVerify flags = Flags(vector[at + 2]!.ToString());

            // A clean stack is asked for together with these only.
            flags |= (flags & ScriptVerify.CleanStack) != 0 ? ScriptVerify.P2SH | ScriptVerify.Witness : 0;
            bool isGood = IsGood(signature, key, witness, amount, flags);
            if (isGood != (vector[at + 3]!.ToString() == "OK"))
            {
                wrong.Add(vector.ToJsonString());
            }
        }

        TestContext.Out.WriteLine($"{run} scripts");
        Assert.That(wrong, Is.Empty);
    }

    [TestCase("tx_valid.json")]
    [TestCase("tx_invalid.json")]
    public void Transactions_are_good_where_Bitcoin_Core_says_so(string file)
    {
        bool isValid = file == "tx_valid.json";
        List<string> wrong = [];
        int run = 0;
        foreach (JsonArray vector in Vectors(file).Where(static vector => vector[0] is JsonArray))
        {
            run++;
            Transaction transaction = BitcoinNetworks.Regtest.Network.CreateTransaction();
            transaction.FromBytes(Convert.FromHexString(vector[1]!.ToString()));
            Dictionary<OutPoint, TxOut> spent = vector[0]!.AsArray().ToDictionary(
                static input => new OutPoint(
                    uint256.Parse(input![0]!.ToString()), unchecked((uint)input[1]!.GetValue<int>())),
                static input => new TxOut(
                    Money.Satoshis(input!.AsArray().Count > 3 ? input[3]!.GetValue<long>() : 0),
                    Parse(input[2]!.ToString())));

            // Flags of what is valid are those that must not be set, of what is not those under which it fails.
            string flags = vector[2]!.ToString();
            ScriptVerify verify = isValid
                ? Fill(s_all & ~Flags(flags))
                : flags == "BADTX"
                ? ScriptVerify.None
                : Flags(flags);
            bool isGood = TransactionRules.Check(transaction) is null
                && (flags == "BADTX" || Verify(transaction, spent, verify));
            if (isGood != isValid)
            {
                wrong.Add(vector.ToJsonString());
            }
        }

        TestContext.Out.WriteLine($"{run} transactions");
        Assert.That(wrong, Is.Empty);
    }

    private static IEnumerable<JsonArray> Vectors(string file)
    {
        string path = Path.Combine(Environment.GetEnvironmentVariable(Variable) ?? "", file);
        if (!File.Exists(path))
        {
            Assert.Ignore($"No {file} where {Variable} says.");
        }

        return JsonNode.Parse(File.ReadAllText(path))!.AsArray().Select(static vector => vector!.AsArray());
    }

    private static ScriptVerify Flags(string text)
        => text.Split(',').Select(static name => s_flags[name]).Aggregate(static (all, one) => all | one);

    /// <summary>Some rules mean nothing without others.</summary>
    private static ScriptVerify Fill(ScriptVerify flags)
    {
        flags = (flags & ScriptVerify.P2SH) == 0 ? flags & ~(ScriptVerify.Witness | ScriptVerify.CleanStack) : flags;
        return (flags & ScriptVerify.Witness) == 0 ? flags & ~ScriptVerify.CleanStack : flags;
    }

    private static bool IsGood(Script signature, Script key, byte[][] witness, Money amount, ScriptVerify flags)
    {
        Transaction credit = BitcoinNetworks.Regtest.Network.CreateTransaction();
        credit.Version = 1;
        credit.Inputs.Add(
            new TxIn(new OutPoint(uint256.Zero, uint.MaxValue), new Script(OpcodeType.OP_0, OpcodeType.OP_0)));
        credit.Outputs.Add(new TxOut(amount, key));
        Transaction spend = BitcoinNetworks.Regtest.Network.CreateTransaction();
        spend.Version = 1;
        spend.Inputs.Add(new TxIn(new OutPoint(credit.GetHash(), 0), signature) { WitScript = new WitScript(witness) });
        spend.Outputs.Add(new TxOut(amount, Script.Empty));
        return Verify(spend, new Dictionary<OutPoint, TxOut> { [spend.Inputs[0].PrevOut] = credit.Outputs[0] }, flags);
    }

    private static bool Verify(Transaction transaction, Dictionary<OutPoint, TxOut> spent, ScriptVerify flags)
    {
        TxOut[] outputs = [.. transaction.Inputs.Select(input => spent[input.PrevOut])];
        PrecomputedTransactionData data = transaction.PrecomputeTransactionData(outputs);
        return Enumerable.Range(0, outputs.Length).All(
            i => ScriptCheck.Verify(transaction, i, outputs[i], data, flags) == ScriptError.OK);
    }

    /// <summary>Numbers, bytes as 0x…, texts in quotes, and operations with or without their OP_.</summary>
    private static Script Parse(string text)
    {
        List<byte> bytes = [];
        foreach (string word in text.Split([' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (long.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number))
            {
                bytes.AddRange(
                    number is -1 or (>= 1 and <= 16)
                        ? [(byte)(number + 0x50)]
                        : number == 0
                        ? [0]
                        : Push(Number(number)));
            }
            else if (word.StartsWith("0x", StringComparison.Ordinal))
            {
                bytes.AddRange(Convert.FromHexString(word[2..]));
            }
            else if (word.StartsWith('\''))
            {
                bytes.AddRange(Push(Encoding.ASCII.GetBytes(word[1..^1])));
            }
            else
            {
                bytes.Add(
                    (byte)Enum.Parse<OpcodeType>(
                        word.StartsWith("OP_", StringComparison.Ordinal) ? word : "OP_" + word));
            }
        }

        return Script.FromBytesUnsafe([.. bytes]);
    }

    private static byte[] Push(byte[] data) => data.Length switch
    {
        < 76 => [(byte)data.Length, .. data],
        < 256 => [76, (byte)data.Length, .. data],
        _ => [77, (byte)data.Length, (byte)(data.Length >> 8), .. data],
    };

    private static byte[] Number(long value)
    {
        List<byte> bytes = [];
        for (long rest = Math.Abs(value); rest != 0; rest >>= 8)
        {
            bytes.Add((byte)rest);
        }

        if ((bytes[^1] & 0x80) != 0)
        {
            bytes.Add(0);
        }

        bytes[^1] |= (byte)(value < 0 ? 0x80 : 0);
        return [.. bytes];
    }
}
