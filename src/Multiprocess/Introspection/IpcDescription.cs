using System.ComponentModel;
using System.Text;
using Multiprocess.Objects;

namespace Multiprocess.Generated;

/// <summary>Contracts in words, with all that they mention, for whoever has not compiled them.</summary>
/// <remarks>
/// Filled by generated code when somebody asks. Not thread-safe. PROTOCOL.md, "Descriptions", has the form.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class IpcDescription
{
    private readonly StringBuilder _text = new();
    private readonly HashSet<ContractBinding> _contracts = [];
    private readonly HashSet<string> _heads = [];

    internal IpcDescription()
    {
    }

    /// <summary>
    /// Adds the contracts and types of a file: heads at the start of a line, what belongs to each behind a space.
    /// </summary>
    public void Add(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        bool isNew = false;
        foreach (string line in text.Split('\n'))
        {
            // What several files mention stands in each of them; here it stands once.
            if (!line.StartsWith(' '))
            {
                isNew = _heads.Add(line);
            }

            if (isNew)
            {
                _text.Append(line).Append('\n');
            }
        }
    }

    /// <summary>Adds a contract that has a file of its own, and all that it mentions.</summary>
    public void Add<T>() where T : class => Add(ContractBinding<T>.Instance);

    internal void Add(ContractBinding contract)
    {
        if (_contracts.Add(contract))
        {
            contract.Describe(this);
        }
    }

    /// <summary>The text so far.</summary>
    public override string ToString() => _text.ToString().TrimEnd('\n');
}
