using System.Text;

namespace Multiprocess.Generator.Emitting;

/// <summary>Writes indented lines that end in LF on every machine.</summary>
internal sealed class CodeWriter
{
    private readonly StringBuilder _text = new();
    private int _indentation;

    /// <summary>
    /// Writes a block of code unchanged, at the current indentation. An empty block is an empty line.
    /// </summary>
    public void Write(string block)
    {
        foreach (string line in block.Replace("\r\n", "\n").Split('\n'))
        {
            if (line.Length != 0)
            {
                _text.Append(' ', 4 * _indentation).Append(line);
            }

            _text.Append('\n');
        }
    }

    /// <summary>Writes an empty line.</summary>
    public void Space() => _text.Append('\n');

    public void Open(string? head = null)
    {
        if (head is not null)
        {
            Write(head);
        }

        Write("{");
        _indentation++;
    }

    public void Close(string end = "}")
    {
        _indentation--;
        Write(end);
    }

    public override string ToString() => _text.ToString();
}
