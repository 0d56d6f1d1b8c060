namespace Multiprocess.Framing;

/// <summary>
/// Follows a stream of frames: a length of four bytes, little-endian, then that many bytes. A value type: a copy can
/// look ahead.
/// </summary>
internal struct FrameCursor
{
    private const int PrefixBytes = 4;

    private uint _prefix;
    private int _prefixBytes;
    private uint _left;

    /// <summary>Skips bytes up to the end of the current frame or of <paramref name="bytes"/>.</summary>
    /// <param name="bytes">The next bytes of the stream.</param>
    /// <param name="isAtEnd">True when a frame ends there.</param>
    /// <returns>Number of bytes skipped.</returns>
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
