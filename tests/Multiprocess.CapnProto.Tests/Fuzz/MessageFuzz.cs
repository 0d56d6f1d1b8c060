using System.Buffers;
using Multiprocess.CapnProto.Messages;

namespace Multiprocess.CapnProto.Tests.Fuzz;

/// <summary>
/// Attacks the reading of messages: every input is refused with a typed error, or is a value that can be written and
/// read
/// again. Tests run it for a moment, <c>./eng/fuzz --capnp</c> for as long as wished.
/// </summary>
internal sealed class MessageFuzz(int seed)
{
    private static readonly CapnpLimits s_limits = new() { MaxTraversalWords = 20_000, MaxMessageBytes = 1 << 20 };

    private readonly Random _random = new(seed);

    /// <summary>Inputs so far.</summary>
    public int Inputs { get; private set; }

    /// <summary>Inputs that were refused.</summary>
    public int Refused { get; private set; }

    /// <summary>Makes an input and tries it. Says what went wrong, or null.</summary>
    public string? TryNext()
    {
        byte[] input = Make();
        Inputs++;
        try
        {
            return Try(input);
        }
        catch (IpcProtocolException)
        {
            Refused++;
            return null;
        }
        catch (Exception exception)
        {
            return
                $"{exception.GetType().Name}: {exception.Message}\n{Convert.ToHexString(input)}\n{exception.StackTrace}";
        }
    }

    private string? Try(byte[] input)
    {
        bool isPacked = _random.Next(4) == 0;
        CapnpMessage Load() => isPacked
            ? CapnpMessage.ReadPacked(input, out _, s_limits)
            : CapnpMessage.Read(input, s_limits);

        var pointers = new Queue<CapnpPointerReader>([Load().Root]);
        ReadInEveryWay(pointers);

        using var first = new CapnpMessageBuilder(_random.Next(1, 200));
        first.Root.Write(Load().Root);
        byte[] written = first.ToArray();
        using var second = new CapnpMessageBuilder(1 << 16);
        second.Root.Write(CapnpMessage.Read(written).Root);
        if (HasCapability(second.Root.AsReader()))
        {
            return null;
        }

        byte[] canonical = Load().ToCanonicalArray();
        string problem = $"\n{Convert.ToHexString(input)}\n{Convert.ToHexString(written)}";
        if (!CapnpMessage.Read(written).ToCanonicalArray().AsSpan().SequenceEqual(canonical))
        {
            return "What was written is another value." + problem;
        }

        var packed = new ArrayBufferWriter<byte>();
        second.WritePackedTo(packed);
        byte[] unpacked = CapnpMessage.ReadPacked(packed.WrittenSpan, out int length).ToCanonicalArray();
        return length == packed.WrittenCount && unpacked.AsSpan().SequenceEqual(canonical)
            ? null
            : "What was packed is another value." + problem;
    }

    // A field may be read as what it is not: by a peer of another schema, or by one that lies.
    private void ReadInEveryWay(Queue<CapnpPointerReader> pointers)
    {
        for (int i = 0; i < 200 && pointers.TryDequeue(out CapnpPointerReader pointer); i++)
        {
            Attempt(() => pointer.ReadText());
            Attempt(() => pointer.ReadData().ToArray());
            Attempt(() => pointer.ReadCapabilityIndex());
            Attempt(() =>
            {
                CapnpStructReader fields = pointer.ReadStruct();
                _ = fields.ReadBool((uint)_random.Next()) | fields.ReadInt64(
                    (uint)_random.Next(20)) != fields.ReadByte(7);
                for (uint field = 0; field < Math.Min(fields.PointerCount, 4); field++)
                {
                    pointers.Enqueue(fields.Pointer(field));
                }
            });
            foreach (CapnpElementSize size in Enum.GetValues<CapnpElementSize>())
            {
                Attempt(() => ReadElements(pointer.ReadList(size), size, pointers));
            }
        }
    }

    private static void ReadElements(CapnpListReader list, CapnpElementSize size, Queue<CapnpPointerReader> pointers)
    {
        for (int i = 0; i < Math.Min(list.Count, 3); i++)
        {
            _ = list.ReadInt64(i) + list.ReadByte(i) + list.ReadSingle(i) + list.ReadInt16(i);
            if (size == CapnpElementSize.Bit)
            {
                list.ReadBool(i);
                continue;
            }

            pointers.Enqueue(list.PointerAt(i));
            pointers.Enqueue(list.Struct(i).Pointer(0));
        }

        if (size is >= CapnpElementSize.Byte and <= CapnpElementSize.EightBytes && list.Count < 10_000)
        {
            list.CopyTo<ushort>(new ushort[list.Count]);
        }
    }

    private static void Attempt(Action read)
    {
        try
        {
            read();
        }
        catch (IpcProtocolException)
        {
            // It is something else.
        }
    }

    private static bool HasCapability(CapnpPointerReader pointer)
    {
        switch (pointer.Kind)
        {
            case CapnpPointerKind.Capability:
                return true;
            case CapnpPointerKind.Struct:
                CapnpStructReader fields = pointer.ReadStruct();
                return Enumerable.Range(0, fields.PointerCount).Any(i => HasCapability(fields.Pointer((uint)i)));
            case CapnpPointerKind.List:
                CapnpListReader list = pointer.ReadList();
                return list.ElementSize switch
                {
                    CapnpElementSize.Pointer
                        => Enumerable.Range(0, list.Count).Any(i => HasCapability(list.PointerAt(i))),
                    CapnpElementSize.Composite => Enumerable.Range(0, list.Count).Any(i =>
                        Enumerable.Range(0, list.Struct(i).PointerCount)
                            .Any(field => HasCapability(list.Struct(i).Pointer((uint)field)))),
                    _ => false,
                };
            default:
                return false;
        }
    }

    private byte[] Make()
    {
        byte[] input = _random.Next(3) == 0 ? MakeWords() : MakeMessage();
        for (int changes = _random.Next(-4, 4); changes > 0 && input.Length > 0; changes--)
        {
            int at = _random.Next(input.Length);
            switch (_random.Next(5))
            {
                case 0: input[at] ^= (byte)(1 << _random.Next(8)); break;
                case 1: input[at] = (byte)_random.Next(256); break;
                case 2: input = input[..at]; break;
                case 3: _random.NextBytes(input.AsSpan(at, Math.Min(8, input.Length - at))); break;
                default: BitConverter.TryWriteBytes(input.AsSpan(at & ~7), MakePointer()); break;
            }
        }

        return input;
    }

    // A segment table and words that look like pointers.
    private byte[] MakeWords()
    {
        int segments = _random.Next(1, 4);
        int[] sizes = [.. Enumerable.Range(0, segments).Select(_ => _random.Next(1, 12))];
        byte[] frame = new byte[(4 * ((segments + 2) & ~1)) + (sizes.Sum() * 8)];
        BitConverter.TryWriteBytes(frame, segments - 1);
        for (int i = 0; i < segments; i++)
        {
            BitConverter.TryWriteBytes(frame.AsSpan(4 + (4 * i)), sizes[i]);
        }

        for (int at = 4 * ((segments + 2) & ~1); at < frame.Length; at += 8)
        {
            BitConverter.TryWriteBytes(frame.AsSpan(at), MakePointer());
        }

        return frame;
    }

    private ulong MakePointer()
    {
        uint offset = (uint)_random.Next(-4, 10);
        return _random.Next(6) switch
        {
            0 => new Pointer(
                (ulong)(offset << 2) | ((ulong)_random.Next(4) << 32) | ((ulong)_random.Next(4) << 48)).Bits,
            1 => (offset << 2) | 1 | ((ulong)_random.Next(8) << 32) | ((ulong)_random.Next(20) << 35),
            2 => 2 | ((ulong)_random.Next(2) << 2) | ((ulong)_random.Next(12) << 3) | ((ulong)_random.Next(3) << 32),
            3 => 3 | ((ulong)_random.Next(3) << 32),
            4 => (ulong)_random.NextInt64(),
            _ => 0,
        };
    }

    private byte[] MakeMessage()
    {
        using var builder = new CapnpMessageBuilder(_random.Next(1, 60));
        Build(builder.Root, depth: 4);
        if (_random.Next(4) != 0)
        {
            return builder.ToArray();
        }

        var packed = new ArrayBufferWriter<byte>();
        builder.WritePackedTo(packed);
        return packed.WrittenSpan.ToArray();
    }

    private void Build(CapnpPointerBuilder pointer, int depth)
    {
        switch (_random.Next(depth == 0 ? 3 : 7))
        {
            case 0:
                break;
            case 1:
                pointer.WriteText(new string('x', _random.Next(20)));
                break;
            case 2:
                _random.NextBytes(pointer.InitData(_random.Next(20)));
                break;
            case 3:
                Build(pointer.InitStruct(new((ushort)_random.Next(3), (ushort)_random.Next(4))), depth - 1);
                break;
            case 4:
                CapnpListBuilder structs = pointer.InitStructList(
                    new((ushort)_random.Next(3), (ushort)_random.Next(3)), _random.Next(4));
                for (int i = 0; i < structs.Count; i++)
                {
                    Build(structs.Struct(i), depth - 1);
                }

                break;
            default:
                CapnpListBuilder list = pointer.InitList((CapnpElementSize)_random.Next(7), _random.Next(6));
                for (int i = 0; i < list.Count && list.ElementSize == CapnpElementSize.Pointer; i++)
                {
                    Build(list.PointerAt(i), depth - 1);
                }

                break;
        }
    }

    private void Build(CapnpStructBuilder fields, int depth)
    {
        _random.NextBytes(fields.Data);
        for (uint i = 0; i < fields.Size.PointerCount; i++)
        {
            Build(fields.Pointer(i), depth);
        }
    }
}
