using System.Globalization;
using System.Text;
using Bitcoin.Chain.Rules;
using NBitcoin;

namespace Bitcoin.Node.Commands;

/// <summary>
/// Scripts as text in Bitcoin Core's form. NBitcoin uses other names, and shows numbers differently.
/// </summary>
internal static class ScriptText
{
    private const int MaxNumberBytes = 4;

    internal static string Format(Script script, bool showsHashTypes = false)
    {
        StringBuilder text = new();
        ReadOnlySpan<byte> bytes = script.ToBytes(@unsafe: true);
        bool isUnspendable = !bytes.IsEmpty && bytes[0] == (byte)OpcodeType.OP_RETURN;
        while (!bytes.IsEmpty)
        {
            text.Append(text.Length > 0 ? " " : "");
            if (!SignatureOperations.TryStep(ref bytes, out byte code, out ReadOnlySpan<byte> data))
            {
                return text.Append("[error]").ToString();
            }

            if (code > 0x4e)
            {
                text.Append(Name(code));
            }
            else if (data.Length <= MaxNumberBytes)
            {
                text.Append(Number(data).ToString(CultureInfo.InvariantCulture));
            }
            else
            {
                text.Append(showsHashTypes && !isUnspendable ? Signature(data) : Convert.ToHexStringLower(data));
            }
        }

        return text.ToString();
    }

    /// <summary>A number whose highest bit is its sign.</summary>
    internal static long Number(ReadOnlySpan<byte> data)
    {
        long value = 0;
        for (int i = 0; i < data.Length; i++)
        {
            value |= (long)data[i] << (8 * i);
        }

        return data.Length > 0 && (data[^1] & 0x80) != 0 ? -(value & ~(0x80L << (8 * (data.Length - 1)))) : value;
    }

    private static string Name(byte code)
    {
        switch (code)
        {
            case 0x4f:
                return "-1";
            case >= 0x51 and <= 0x60:
                return (code - 0x50).ToString(CultureInfo.InvariantCulture);
            case 0x50:
                return "OP_RESERVED";
            case 0x65:
                return "OP_VERIF";
            case 0x66:
                return "OP_VERNOTIF";
            case 0xb1:
                return "OP_CHECKLOCKTIMEVERIFY";
            case 0xb2:
                return "OP_CHECKSEQUENCEVERIFY";
            case 0xff:
                return "OP_INVALIDOPCODE";
            default:
                string name = ((OpcodeType)code).ToString();
                return Enum.IsDefined((OpcodeType)code) && code <= 0xba ? name : "OP_UNKNOWN";
        }
    }

    private static string Signature(ReadOnlySpan<byte> data)
    {
        string? type = data[^1] switch
        {
            0x01 => "ALL",
            0x81 => "ALL|ANYONECANPAY",
            0x02 => "NONE",
            0x82 => "NONE|ANYONECANPAY",
            0x03 => "SINGLE",
            0x83 => "SINGLE|ANYONECANPAY",
            _ => null,
        };
        bool isSignature = type is not null
            && data.Length is >= 9 and <= 73
            && TransactionSignature.IsValid(data.ToArray(), ScriptVerify.DerSig);
        return isSignature ? $"{Convert.ToHexStringLower(data[..^1])}[{type}]" : Convert.ToHexStringLower(data);
    }
}
