using System.Text;

namespace Bitcoin.Hosting;

/// <summary>
/// The destination of a log's lines, a file or the console, and the number of lines that it lost. Not thread-safe.
/// </summary>
/// <remarks>
/// If a write fails, only its line is lost. The lost lines are counted, and the next line that can be written is
/// preceded by a line with the count. If a failed write left a part of a line, a line feed ends it first.
/// </remarks>
internal sealed class LogFile(Func<Stream> open) : IDisposable
{
    private Stream _stream = open();
    private bool _isBroken;
    private long _lost;
    private string _why = "";

    /// <summary>Writes a line; if that fails, counts it.</summary>
    /// <param name="time">The time, for a line about lost lines.</param>
    /// <param name="line">The line with its time.</param>
    public void Write(string time, string line)
    {
        try
        {
            if (_lost > 0)
            {
                WriteWhole($"{(_isBroken ? "\n" : "")}{time} {_lost} lines were lost: {LineText.Escape(_why)}\n");
                _lost = 0;
            }

            WriteWhole(line + "\n");
        }
        catch (Exception exception) when (exception is IOException
            or UnauthorizedAccessException
            or ObjectDisposedException
            or NotSupportedException)
        {
            _lost++;
            _why = exception.Message;
        }
    }

    /// <summary>Opens the file again by its name. Any thread.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be opened.</exception>
    public Stream Open() => open();

    /// <summary>Continues in the file that was opened again, after a log rotation has moved the old one.</summary>
    /// <param name="stream">The file; null if it could not be opened: the old file stays open.</param>
    /// <param name="error">Why it could not be opened.</param>
    /// <param name="time">When.</param>
    public void Replace(Stream? stream, string error, string time)
    {
        if (stream is null)
        {
            Write(time, $"{time} The log could not be opened again: {LineText.Escape(error)}");
            return;
        }

        try
        {
            _stream.Dispose();
        }
        catch (IOException)
        {
            // Nothing is buffered here; what the system could not keep is lost.
        }

        _stream = stream;
        _isBroken = false;
    }

    public void Dispose()
    {
        try
        {
            _stream.Dispose();
        }
        catch (IOException)
        {
            // Nothing is buffered in this object; the system's own errors are ignored.
        }
    }

    private void WriteWhole(string text)
    {
        _isBroken = true;
        _stream.Write(Encoding.UTF8.GetBytes(text));
        _isBroken = false;
    }
}
