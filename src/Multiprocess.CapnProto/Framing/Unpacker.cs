namespace Multiprocess.CapnProto.Framing;

/// <summary>Reads words in the packed form. The caller decides how much is read; the input cannot.</summary>
internal ref struct Unpacker(ReadOnlySpan<byte> packed)
{
    private const int WordBytes = 8;

    private ReadOnlySpan<byte> _rest = packed;
    private int _zeroWords;
    private int _rawWords;

    /// <summary>The input that was not read yet.</summary>
    public readonly ReadOnlySpan<byte> Rest => _rest;

    /// <summary>Whether a run continues after the last read word.</summary>
    public readonly bool IsInRun => _zeroWords > 0 || _rawWords > 0;

    /// <summary>Reads whole words.</summary>
    /// <exception cref="IpcProtocolException">The input ends too early.</exception>
    public void Read(Span<byte> words)
    {
        while (!words.IsEmpty)
        {
            if (_zeroWords > 0)
            {
                Span<byte> zeros = words[..Math.Min(words.Length, _zeroWords * WordBytes)];
                zeros.Clear();
                _zeroWords -= zeros.Length / WordBytes;
                words = words[zeros.Length..];
            }
            else if (_rawWords > 0)
            {
                Span<byte> raw = words[..Math.Min(words.Length, _rawWords * WordBytes)];
                Take(raw.Length).CopyTo(raw);
                _rawWords -= raw.Length / WordBytes;
                words = words[raw.Length..];
            }
            else
            {
                ReadWord(words[..WordBytes]);
                words = words[WordBytes..];
            }
        }
    }

    private void ReadWord(Span<byte> word)
    {
        byte tag = Take(1)[0];
        for (int i = 0; i < WordBytes; i++)
        {
            word[i] = (tag & (1 << i)) != 0 ? Take(1)[0] : (byte)0;
        }

        if (tag == 0)
        {
            _zeroWords = Take(1)[0];
        }
        else if (tag == byte.MaxValue)
        {
            _rawWords = Take(1)[0];
        }
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (_rest.Length < count)
        {
            throw new IpcProtocolException("Packed message: Expected more bytes, got the end.");
        }

        ReadOnlySpan<byte> taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
