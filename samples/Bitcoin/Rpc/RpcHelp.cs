using Bitcoin.Interfaces;

namespace Bitcoin.Rpc;

/// <summary>What help prints.</summary>
public static class RpcHelp
{
    /// <summary>How a method is called, and what it does.</summary>
    public static string Of(RpcCommand command) => $"{Usage(command)}\n\n{command.Help}\n";

    /// <summary>All methods under their headings.</summary>
    public static string Of(RpcTable table)
    {
        IEnumerable<string> groups = table.Commands
            .Where(static command => command.Category != HiddenCategory)
            .GroupBy(static command => command.Category)
            .OrderBy(static group => group.Key, StringComparer.Ordinal)
            .Select(static group => $"== {group.Key} ==\n{string.Join('\n', group.Select(Usage).Order(StringComparer.Ordinal))}");
        return string.Join("\n\n", groups);
    }

    /// <summary>Methods under this heading are called by tests, and not listed.</summary>
    public const string HiddenCategory = "hidden";

    private static string Usage(RpcCommand command)
    {
        string text = command.Name;
        bool inOptional = false;
        foreach (RpcArgument argument in command.Arguments)
        {
            string name = argument.Name.Split('|')[0];
            text += argument.IsOptional && !inOptional ? " (" : "";
            inOptional |= argument.IsOptional;
            text += argument.Type == RpcType.Text ? $" \"{name}\"" : $" {name}";
        }

        return inOptional ? text + " )" : text;
    }
}
