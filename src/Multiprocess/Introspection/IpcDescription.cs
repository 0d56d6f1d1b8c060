using System.ComponentModel;
using System.Text;
using Multiprocess.Objects;

namespace Multiprocess.Generated;

/// <summary>Describes contracts, with everything they mention, for tools that were not compiled with them.</summary>
/// <remarks>
/// Filled by generated code on request. Not thread-safe. PROTOCOL.md, "Descriptions", defines the form.
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
    /// Adds the contracts and types of a file: head lines start in the first column, and the lines that belong to a
    /// head start with a space.
    /// </summary>
    public void Add(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        bool isNew = false;
        foreach (string line in text.Split('\n'))
        {
            // A type that several files mention is in each of them; here it is added once.
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

    /// <summary>Adds a contract that has its own file, and everything it mentions.</summary>
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
