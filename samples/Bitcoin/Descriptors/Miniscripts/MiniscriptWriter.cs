using NBitcoin;

namespace Bitcoin.Descriptors.Miniscripts;

/// <summary>Writes the script of an expression.</summary>
internal sealed class MiniscriptWriter(List<Op> code, Func<int, byte[]> keyOf, Func<int, byte[]> hashOf)
{
    internal void Write(MiniscriptNode node)
    {
        switch (node.Fragment)
        {
            case Fragment.Zero:
                code.Add(OpcodeType.OP_0);
                break;
            case Fragment.One:
                code.Add(OpcodeType.OP_1);
                break;
            case Fragment.KeyItself:
                code.Add(Op.GetPushOp(keyOf(node.Keys[0])));
                break;
            case Fragment.KeyHash:
                Add(OpcodeType.OP_DUP, OpcodeType.OP_HASH160);
                Add(Op.GetPushOp(hashOf(node.Keys[0])), OpcodeType.OP_EQUALVERIFY);
                break;
            case Fragment.Older:
                Add(Op.GetPushOp(node.Number), OpcodeType.OP_CHECKSEQUENCEVERIFY);
                break;
            case Fragment.After:
                Add(Op.GetPushOp(node.Number), OpcodeType.OP_CHECKLOCKTIMEVERIFY);
                break;
            case Fragment.Sha256 or Fragment.Hash256 or Fragment.Ripemd160 or Fragment.Hash160:
                Add(OpcodeType.OP_SIZE, Op.GetPushOp(32), OpcodeType.OP_EQUALVERIFY, OpcodeOf(node.Fragment));
                Add(Op.GetPushOp(node.Hash), OpcodeType.OP_EQUAL);
                break;
            case Fragment.Multi:
                Add([Op.GetPushOp(node.Number), .. node.Keys.Select(key => Op.GetPushOp(keyOf(key)))]);
                Add(Op.GetPushOp(node.Keys.Count), OpcodeType.OP_CHECKMULTISIG);
                break;
            case Fragment.MultiA:
                for (int i = 0; i < node.Keys.Count; i++)
                {
                    Add(
                        Op.GetPushOp(keyOf(node.Keys[i])),
                        i == 0 ? OpcodeType.OP_CHECKSIG : OpcodeType.OP_CHECKSIGADD);
                }

                Add(Op.GetPushOp(node.Number), OpcodeType.OP_NUMEQUAL);
                break;
            case Fragment.WrapN:
                Write(node.Parts[0]);
                code.AddRange(Enumerable.Repeat((Op)OpcodeType.OP_0NOTEQUAL, (int)node.Number));
                break;
            case Fragment.Threshold:
                Write(node.Parts[0]);
                foreach (MiniscriptNode part in node.Parts.Skip(1))
                {
                    Write(part);
                    code.Add(OpcodeType.OP_ADD);
                }

                Add(Op.GetPushOp(node.Number), OpcodeType.OP_EQUAL);
                break;
            default:
                WriteJoined(node);
                break;
        }
    }

    internal static OpcodeType OpcodeOf(Fragment hash) => hash switch
    {
        Fragment.Sha256 => OpcodeType.OP_SHA256,
        Fragment.Hash256 => OpcodeType.OP_HASH256,
        Fragment.Ripemd160 => OpcodeType.OP_RIPEMD160,
        _ => OpcodeType.OP_HASH160,
    };

    private void WriteJoined(MiniscriptNode node)
    {
        (Op[] before, Op[] between, Op[] after) = node.Fragment switch
        {
            Fragment.WrapA => ([OpcodeType.OP_TOALTSTACK], [], [OpcodeType.OP_FROMALTSTACK]),
            Fragment.WrapS => ([OpcodeType.OP_SWAP], [], []),
            Fragment.WrapC => ([], [], [OpcodeType.OP_CHECKSIG]),
            Fragment.WrapD => ([OpcodeType.OP_DUP, OpcodeType.OP_IF], [], [OpcodeType.OP_ENDIF]),
            Fragment.WrapJ => (
                [OpcodeType.OP_SIZE, OpcodeType.OP_0NOTEQUAL, OpcodeType.OP_IF], [], [OpcodeType.OP_ENDIF]),
            Fragment.AndB => ([], [], [OpcodeType.OP_BOOLAND]),
            Fragment.OrB => ([], [], [OpcodeType.OP_BOOLOR]),
            Fragment.OrC => ([], [OpcodeType.OP_NOTIF], [OpcodeType.OP_ENDIF]),
            Fragment.OrD => ([], [OpcodeType.OP_IFDUP, OpcodeType.OP_NOTIF], [OpcodeType.OP_ENDIF]),
            Fragment.OrI => ([OpcodeType.OP_IF], [OpcodeType.OP_ELSE], [OpcodeType.OP_ENDIF]),
            _ => ((Op[])[], (Op[])[], (Op[])[]),
        };
        if (node.Fragment == Fragment.AndOr)
        {
            Write(node.Parts[0]);
            code.Add(OpcodeType.OP_NOTIF);
            Write(node.Parts[2]);
            code.Add(OpcodeType.OP_ELSE);
            Write(node.Parts[1]);
            code.Add(OpcodeType.OP_ENDIF);
            return;
        }

        Add(before);
        Write(node.Parts[0]);
        Add(between);
        if (node.Parts.Count > 1)
        {
            Write(node.Parts[1]);
        }

        Add(after);
        if (node.Fragment == Fragment.WrapV)
        {
            Verify();
        }
    }

    // Operations that have a form that verifies take it.
    private void Verify()
    {
        OpcodeType? verifying = code[^1].Code switch
        {
            OpcodeType.OP_EQUAL => OpcodeType.OP_EQUALVERIFY,
            OpcodeType.OP_NUMEQUAL => OpcodeType.OP_NUMEQUALVERIFY,
            OpcodeType.OP_CHECKSIG => OpcodeType.OP_CHECKSIGVERIFY,
            OpcodeType.OP_CHECKMULTISIG => OpcodeType.OP_CHECKMULTISIGVERIFY,
            _ => null,
        };
        if (verifying is { } one)
        {
            code[^1] = one;
        }
        else
        {
            code.Add(OpcodeType.OP_VERIFY);
        }
    }

    private void Add(params Op[] operations) => code.AddRange(operations);
}
