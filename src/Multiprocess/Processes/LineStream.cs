using System.Text;

namespace Multiprocess.Processes;

/// <summary>Splits the written bytes into lines, and passes each line to the application.</summary>
/// <remarks>
/// One thread writes and disposes. A line ends with a line feed, with or without a carriage return before it; the last
/// line may lack it. A line longer than <see cref="MaxLineBytes"/> arrives in pieces, so that a child that never ends
/// its line cannot fill this process's memory.
/// </remarks>
/// <param name="take">
/// Receives each line as text; bytes that are not valid UTF-8 are replaced. Exceptions are ignored.
/// </param>
internal sealed class LineStream(Action<string> take) : Stream
{
    /// <summary>The longest line that arrives in one piece, in bytes.</summary>
    public const int MaxLineBytes = 16 * 1024;

    private readonly byte[] _line = new byte[MaxLineBytes];
    private int _length;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        foreach (byte one in buffer)
        {
            if (one == '\n')
            {
                HandOver(_length > 0 && _line[_length - 1] == '\r' ? _length - 1 : _length);
                _length = 0;
                continue;
            }

            if (_length == MaxLineBytes)
            {
                int whole = WholeCharacters();
                HandOver(whole);
                _line.AsSpan(whole, _length - whole).CopyTo(_line);
                _length -= whole;
            }

            _line[_length++] = one;
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && _length > 0)
        {
            HandOver(_length);
        }

        base.Dispose(disposing);
    }

    /// <summary>How many bytes of the full buffer can be decoded without splitting a character.</summary>
    private int WholeCharacters()
    {
        int start = _length - 1;
        while (start > _length - 4 && (_line[start] & 0xC0) == 0x80)
        {
            start--;
        }

        int needed = _line[start] switch { >= 0xF0 => 4, >= 0xE0 => 3, >= 0xC0 => 2, _ => 1 };
        return needed > _length - start ? start : _length;
    }

    private void HandOver(int count)
    {
        try
        {
            take(Encoding.UTF8.GetString(_line, 0, count));
        }
        catch (Exception)
        {
            // A line whose receiver throws is lost; the following lines are not.
        }
    }
}
