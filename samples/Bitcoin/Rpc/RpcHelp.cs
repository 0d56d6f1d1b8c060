using System.Text.Json.Nodes;
using Bitcoin.Interfaces;

namespace Bitcoin.Rpc;

/// <summary>The texts of the method "help".</summary>
public static class RpcHelp
{
    /// <summary>How a method is called, and what it does.</summary>
    public static string Of(RpcCommand command) => $"{Usage(command)}\n\n{command.Help}\n";

    /// <summary>All methods by category.</summary>
    public static string Of(RpcTable table)
    {
        IEnumerable<string> groups = table.Commands
            .Where(static command => command.Category != HiddenCategory)
            .GroupBy(static command => command.Category)
            .OrderBy(static group => group.Key, StringComparer.Ordinal)
            .Select(
                static group
                    => $"== {group.Key} ==\n{string.Join('\n', group.Select(Usage).Order(StringComparer.Ordinal))}");
        return string.Join("\n\n", groups);
    }

    /// <summary>The category of methods for tests; help does not list them.</summary>
    public const string HiddenCategory = "hidden";

    /// <summary>
    /// For each argument, by each of its names, whether it is text: clients need this to convert words into arguments.
    /// </summary>
    public static JsonArray Conversions(RpcTable table)
    {
        JsonArray all = [];
        foreach (RpcCommand command in table.Commands.OrderBy(static command => command.Name, StringComparer.Ordinal))
        {
            for (int i = 0; i < command.Arguments.Length; i++)
            {
                RpcArgument argument = command.Arguments[i];

                // As nodes: the generic Add uses reflection, which native compilation may not have.
                foreach (string name in argument.Name.Split('|'))
                {
                    all.Add((JsonNode)new JsonArray(command.Name, i, name, IsText(argument.Type)));
                }

                foreach (RpcMember member in argument.Members ?? [])
                {
                    all.Add((JsonNode)new JsonArray(command.Name, i, member.Name, IsText(member.Type)));
                }
            }
        }

        return all;
    }

    private static bool IsText(RpcType type) => type is RpcType.Text or RpcType.Unchecked;

    private static string Usage(RpcCommand command)
    {
        string text = command.Name;
        bool inOptional = false;
        foreach (RpcArgument argument in command.Arguments.Where(static argument => !argument.IsHidden))
        {
            string name = argument.Name.Split('|')[0];
            text += argument.IsOptional && !inOptional ? " (" : "";
            inOptional |= argument.IsOptional;
            text += argument.Shown.Length > 0
                ? " " + argument.Shown
                : IsText(argument.Type)
                ? $" \"{name}\""
                : argument.Type == RpcType.List
                ? $" [{name},...]"
                : $" {name}";
        }

        return inOptional ? text + " )" : text;
    }
}
