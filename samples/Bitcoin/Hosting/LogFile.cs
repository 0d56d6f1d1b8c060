using System.Text;

namespace Bitcoin.Hosting;

/// <summary>
/// Where a log's lines go, a file or the console, and what could not be written there. Not for use by several threads
/// at once.
/// </summary>
/// <remarks>
/// A write that fails loses its line and nothing else: it is counted, and the next line that can be written is preceded
/// by one that says so. What a failed write left of a line is ended by a line feed first.
/// </remarks>
internal sealed class LogFile(Func<Stream> open) : IDisposable
{
    private Stream _stream = open();
    private bool _isBroken;
    private long _lost;
    private string _why = "";

    /// <summary>Writes a line, or counts it.</summary>
    /// <param name="time">When.</param>
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

    /// <summary>
    /// Opens the file anew, by its name: whoever rotates logs has moved the old one away. If that fails the old one
    /// stays.
    /// </summary>
    public void Reopen(string time)
    {
        try
        {
            Stream stream = open();
            _stream.Dispose();
            _stream = stream;
            _isBroken = false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Write(time, $"{time} The log could not be opened again: {LineText.Escape(exception.Message)}");
        }
    }

    public void Dispose()
    {
        try
        {
            _stream.Dispose();
        }
        catch (IOException)
        {
            // Nothing is buffered here; what the system could not keep is lost.
        }
    }

    private void WriteWhole(string text)
    {
        _isBroken = true;
        _stream.Write(Encoding.UTF8.GetBytes(text));
        _isBroken = false;
    }
}
