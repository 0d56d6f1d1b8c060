namespace Multiprocess.Framing;

/// <summary>Follows a stream of frames, each a length of four bytes, little-endian, and that many bytes. A value: a copy looks ahead.</summary>
internal struct FrameCursor
{
    private const int PrefixBytes = 4;

    private uint _prefix;
    private int _prefixBytes;
    private uint _left;

    /// <summary>Passes over bytes up to the end of the frame that is under way, or of the bytes.</summary>
    /// <param name="bytes">What comes next in the stream.</param>
    /// <param name="isAtEnd">Whether a frame ends there.</param>
    /// <returns>How many bytes were passed over.</returns>
    public int Advance(ReadOnlySpan<byte> bytes, out bool isAtEnd)
    {
        int taken = 0;
        while (_prefixBytes < PrefixBytes && taken < bytes.Length)
        {
            _prefix |= (uint)bytes[taken++] << (8 * _prefixBytes);
            if (++_prefixBytes == PrefixBytes)
            {
                _left = _prefix;
            }
        }

        if (_prefixBytes == PrefixBytes)
        {
            int body = (int)Math.Min(_left, (uint)(bytes.Length - taken));
            _left -= (uint)body;
            taken += body;
        }

        isAtEnd = _prefixBytes == PrefixBytes && _left == 0;
        if (isAtEnd)
        {
            this = default;
        }

        return taken;
    }
}
