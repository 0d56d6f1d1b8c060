using NBitcoin;

namespace Bitcoin.Descriptors.Miniscripts;

/// <summary>
/// Finds the expression of a script. A script is read from its end, where its last operation tells its form.
/// </summary>
internal sealed class MiniscriptReader
{
    private readonly bool _isTapscript;
    private readonly Func<byte[], int?> _keyOf;
    private readonly Func<byte[], int?> _keyOfHash;

    // From the last operation to the first; operations that verify are two: the operation, then OP_VERIFY.
    private readonly List<Op> _code = [];
    private int _at;

    private MiniscriptReader(bool isTapscript, Func<byte[], int?> keyOf, Func<byte[], int?> keyOfHash)
    {
        _isTapscript = isTapscript;
        _keyOf = keyOf;
        _keyOfHash = keyOfHash;
    }

    /// <summary>The expression; null if there is none.</summary>
    /// <param name="script">The script.</param>
    /// <param name="isTapscript">Whether it is a leaf of taproot.</param>
    /// <param name="keyOf">The number of a key by its bytes; null if it is not one.</param>
    /// <param name="keyOfHash">The number of a key by its hash; null if it is not known.</param>
    internal static MiniscriptNode? Read(
        Script script, bool isTapscript, Func<byte[], int?> keyOf, Func<byte[], int?> keyOfHash)
    {
        MiniscriptReader reader = new(isTapscript, keyOf, keyOfHash);
        if (!reader.TryPrepare(script))
        {
            return null;
        }

        MiniscriptNode? node = reader.Whole(0);
        return node is not null && reader._at == reader._code.Count && node.IsValid && node.Type.Has("B") ? node : null;
    }

    private bool TryPrepare(Script script)
    {
        foreach (Op operation in script.ToOps())
        {
            if (operation.IsInvalid
                || (operation.PushData is { } data
                    && !operation.ToBytes().AsSpan().SequenceEqual(Op.GetPushOp(data).ToBytes())))
            {
                return false;
            }

            OpcodeType? plain = operation.Code switch
            {
                OpcodeType.OP_EQUALVERIFY => OpcodeType.OP_EQUAL,
                OpcodeType.OP_NUMEQUALVERIFY => OpcodeType.OP_NUMEQUAL,
                OpcodeType.OP_CHECKSIGVERIFY => OpcodeType.OP_CHECKSIG,
                OpcodeType.OP_CHECKMULTISIGVERIFY => OpcodeType.OP_CHECKMULTISIG,
                _ => null,
            };
            if (plain is { } one)
            {
                _code.Add(one);
                _code.Add(OpcodeType.OP_VERIFY);
                continue;
            }

            // The short form is the only one.
            if (operation.Code == OpcodeType.OP_VERIFY
                && _code.Count > 0
                && _code[^1].Code is OpcodeType.OP_EQUAL
                    or OpcodeType.OP_NUMEQUAL
                    or OpcodeType.OP_CHECKSIG
                    or OpcodeType.OP_CHECKMULTISIG)
            {
                return false;
            }

            _code.Add(operation);
        }

        _code.Reverse();
        return true;
    }

    private OpcodeType? Next => _at < _code.Count ? _code[_at].Code : null;

    private bool Take(OpcodeType code)
    {
        if (Next != code)
        {
            return false;
        }

        _at++;
        return true;
    }

    private byte[]? TakePush(params int[] lengths)
    {
        return _at < _code.Count && _code[_at].PushData is { } data && lengths.Contains(data.Length)
            ? _code[_at++].PushData
            : null;
    }

    private uint? TakeNumber()
    {
        if (_at >= _code.Count)
        {
            return null;
        }

        Op operation = _code[_at];
        long? number = operation.Code is >= OpcodeType.OP_1 and <= OpcodeType.OP_16
            ? operation.Code - OpcodeType.OP_1 + 1
            : operation.PushData is { Length: > 0 and <= 5 } ? operation.GetLong() : null;
        if (number is not (>= 1 and <= 0x7fffffff)
            || !operation.ToBytes().AsSpan().SequenceEqual(Op.GetPushOp(number.Value).ToBytes()))
        {
            return null;
        }

        _at++;
        return (uint)number;
    }

    // One expression, or several of which all but the last verify.
    private MiniscriptNode? Whole(int depth)
    {
        MiniscriptNode? last = Single(depth);
        return last is not null && _at < _code.Count && Next is not (OpcodeType.OP_IF
            or OpcodeType.OP_ELSE
            or OpcodeType.OP_NOTIF
            or OpcodeType.OP_TOALTSTACK
            or OpcodeType.OP_SWAP)
            ? Whole(depth + 1) is { } before ? Node(Fragment.AndV, [before, last]) : null
            : last;
    }

    private MiniscriptNode? Wrapped(int depth)
    {
        if (Take(OpcodeType.OP_FROMALTSTACK))
        {
            return Whole(depth + 1) is { } inner && Take(OpcodeType.OP_TOALTSTACK)
                ? Node(Fragment.WrapA, [inner])
                : null;
        }

        return Whole(depth + 1) is { } swapped && Take(OpcodeType.OP_SWAP) ? Node(Fragment.WrapS, [swapped]) : null;
    }

    private MiniscriptNode? Single(int depth)
    {
        if (depth > MiniscriptNode.MaxDepth)
        {
            return null;
        }

        if (TakePush(_isTapscript ? 32 : 33) is { } key)
        {
            return _keyOf(key) is { } number ? Node(Fragment.KeyItself, keys: [number]) : null;
        }

        switch (Next)
        {
            case OpcodeType.OP_0:
                _at++;
                return Node(Fragment.Zero);
            case OpcodeType.OP_1:
                _at++;
                return Node(Fragment.One);
            case OpcodeType.OP_CHECKSEQUENCEVERIFY:
                _at++;
                return TakeNumber() is { } older ? Node(Fragment.Older, number: older) : null;
            case OpcodeType.OP_CHECKLOCKTIMEVERIFY:
                _at++;
                return TakeNumber() is { } after ? Node(Fragment.After, number: after) : null;
            case OpcodeType.OP_CHECKMULTISIG when !_isTapscript:
                _at++;
                return Multi();
            case OpcodeType.OP_NUMEQUAL when _isTapscript:
                _at++;
                return MultiA();
            case OpcodeType.OP_CHECKSIG:
                _at++;
                return Single(depth + 1) is { } signed ? Node(Fragment.WrapC, [signed]) : null;
            case OpcodeType.OP_0NOTEQUAL:
                uint count = 0;
                for (; Take(OpcodeType.OP_0NOTEQUAL); count++)
                {
                }

                return Single(depth + 1) is { } number ? Node(Fragment.WrapN, [number], count) : null;
            case OpcodeType.OP_BOOLAND:
                _at++;
                return Pair(Fragment.AndB, depth);
            case OpcodeType.OP_BOOLOR:
                _at++;
                return Pair(Fragment.OrB, depth);
            case OpcodeType.OP_VERIFY:
                return KeyHash() ?? Verified(depth);
            case OpcodeType.OP_EQUAL:
                return Hash() ?? Threshold(depth);
            case OpcodeType.OP_ENDIF:
                _at++;
                return Whole(depth + 1) is { } branch ? Branches(branch, depth) : null;
            default:
                return null;
        }
    }

    private MiniscriptNode? Verified(int depth)
    {
        _at++;
        return Single(depth + 1) is { } inner ? Node(Fragment.WrapV, [inner]) : null;
    }

    private MiniscriptNode? Pair(Fragment fragment, int depth)
        => Wrapped(depth) is { } second && Single(depth + 1) is { } first ? Node(fragment, [first, second]) : null;

    // OP_DUP OP_HASH160 hash OP_EQUAL OP_VERIFY
    private MiniscriptNode? KeyHash()
    {
        int start = _at;
        if (Take(OpcodeType.OP_VERIFY)
            && Take(OpcodeType.OP_EQUAL)
            && TakePush(20) is { } hash
            && Take(OpcodeType.OP_HASH160)
            && Take(OpcodeType.OP_DUP)
            && _keyOfHash(hash) is { } key)
        {
            return Node(Fragment.KeyHash, keys: [key]);
        }

        _at = start;
        return null;
    }

    // OP_SIZE 32 OP_EQUAL OP_VERIFY OP_SHA256 hash OP_EQUAL
    private MiniscriptNode? Hash()
    {
        int start = _at;
        if (Take(OpcodeType.OP_EQUAL) && TakePush(20, 32) is { } hash)
        {
            Fragment? fragment = (Next, hash.Length) switch
            {
                (OpcodeType.OP_SHA256, 32) => Fragment.Sha256,
                (OpcodeType.OP_HASH256, 32) => Fragment.Hash256,
                (OpcodeType.OP_RIPEMD160, 20) => Fragment.Ripemd160,
                (OpcodeType.OP_HASH160, 20) => Fragment.Hash160,
                _ => null,
            };
            _at++;
            if (fragment is { } one
                && Take(OpcodeType.OP_VERIFY)
                && Take(OpcodeType.OP_EQUAL)
                && TakeNumber() == 32
                && Take(OpcodeType.OP_SIZE))
            {
                return Node(one, hash: hash);
            }
        }

        _at = start;
        return null;
    }

    private MiniscriptNode? Multi()
    {
        if (TakeNumber() is not { } count || count > 20)
        {
            return null;
        }

        List<int> keys = [];
        for (int i = 0; i < count; i++)
        {
            if (TakePush(33) is not { } bytes || _keyOf(bytes) is not { } key)
            {
                return null;
            }

            keys.Insert(0, key);
        }

        return TakeNumber() is { } required && required <= count
            ? Node(Fragment.Multi, number: required, keys: keys)
            : null;
    }

    private MiniscriptNode? MultiA()
    {
        if (TakeNumber() is not { } required)
        {
            return null;
        }

        List<int> keys = [];
        while (true)
        {
            bool isFirst = Next == OpcodeType.OP_CHECKSIG;
            if (!isFirst && Next != OpcodeType.OP_CHECKSIGADD)
            {
                return null;
            }

            _at++;
            if (TakePush(32) is not { } bytes || _keyOf(bytes) is not { } key)
            {
                return null;
            }

            keys.Insert(0, key);
            if (isFirst)
            {
                return required <= keys.Count ? Node(Fragment.MultiA, number: required, keys: keys) : null;
            }
        }
    }

    private MiniscriptNode? Threshold(int depth)
    {
        _at++;
        if (TakeNumber() is not { } required)
        {
            return null;
        }

        List<MiniscriptNode> parts = [];
        while (Take(OpcodeType.OP_ADD))
        {
            if (Wrapped(depth) is not { } part)
            {
                return null;
            }

            parts.Insert(0, part);
        }

        if (Single(depth + 1) is not { } first)
        {
            return null;
        }

        parts.Insert(0, first);
        return required <= parts.Count ? Node(Fragment.Threshold, parts, required) : null;
    }

    // What stands before the last branch of an OP_IF.
    private MiniscriptNode? Branches(MiniscriptNode last, int depth)
    {
        if (Take(OpcodeType.OP_ELSE))
        {
            if (Whole(depth + 1) is not { } first)
            {
                return null;
            }

            return Take(OpcodeType.OP_IF) ? Node(Fragment.OrI, [first, last])
                : Take(OpcodeType.OP_NOTIF) && Single(depth + 1) is { } condition
                ? Node(Fragment.AndOr, [condition, last, first])
                : null;
        }

        if (Take(OpcodeType.OP_NOTIF))
        {
            Fragment fragment = Take(OpcodeType.OP_IFDUP) ? Fragment.OrD : Fragment.OrC;
            return Single(depth + 1) is { } first ? Node(fragment, [first, last]) : null;
        }

        return !Take(OpcodeType.OP_IF) ? null
            : Take(OpcodeType.OP_DUP) ? Node(Fragment.WrapD, [last])
            : Take(OpcodeType.OP_0NOTEQUAL) && Take(OpcodeType.OP_SIZE) ? Node(Fragment.WrapJ, [last])
            : null;
    }

    private MiniscriptNode Node(
        Fragment fragment,
        IReadOnlyList<MiniscriptNode>? parts = null,
        uint number = 0,
        IReadOnlyList<int>? keys = null,
        byte[]? hash = null) => new(fragment, _isTapscript, parts, number, keys, hash);
}
