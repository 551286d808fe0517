/* What engines say of images, networks, volumes, copies and exec, and what it means. The rest of
 * the errors is in docker_test.c. */
#include "docker/shapes.h"
#include "unit.h"

#define ID           "be55acb7ccccd5f601729ae528722c7a45a0ed6ff0912a23688603b8a91a5e4a"
#define JSON(text)   "{\"message\":\"" text "\"}\n"
#define PODMAN(text) "{\"cause\":\"c\",\"message\":\"" text "\",\"response\":500}"
#define GONE         ERR_NONE, NEXT_DONE, ""

/* Recorded of Docker 20.10 and Podman 4.3; those of later engines are from their sources. */
static const struct {
    const char *row, *object;
    int status;
    const char *body;
    enum err_kind kind;
    enum err_next next;
    const char *message; /* how it begins */
} replies[] = {
    {"rename", "w", 400, JSON("Renaming a container with the same name as its current name"), GONE},
    {"network_connect", "n", 403, JSON("endpoint with name w already exists in network n"),
     ERR_CONFLICT, NEXT_RELIST, "network \"n\": the container is connected to it already"},
    {"network_connect", "n", 403, JSON("Address already in use"), ERR_CONFLICT, NEXT_GIVE_UP,
     "network \"n\": another container of the network has that address; choose another ip"},
    {"network_connect", "n", 500,
     JSON("Invalid address 10.8.0.9: It does not belong to any of this network's subnets"),
     ERR_INVALID, NEXT_GIVE_UP, "network \"n\": that address is in none of the network's subnets"},
    {"network_connect", "n", 400,
     JSON("user specified IP address is supported on user defined networks only"), ERR_INVALID,
     NEXT_GIVE_UP, "network \"n\": it gives out its addresses by itself; leave out ip"},
    {"network_connect", "host", 400,
     JSON("container cannot be disconnected from host network or connected to host network"),
     ERR_CONFLICT, NEXT_GIVE_UP, "network \"host\": \"host\", \"none\" and another container's"},
    {"network_connect", "n", 404, JSON("No such container: w"), ERR_NOT_FOUND, NEXT_RELIST,
     "network \"n\": there is no container w (any more); list shows"},
    {"network_connect", "n", 404, JSON("network n not found"), ERR_NOT_FOUND, NEXT_RELIST,
     "network \"n\": there is no such network (any more); networks() shows"},
    {"network", "n", 404, PODMAN("unable to find network with name or ID n: network not found"),
     ERR_NOT_FOUND, NEXT_RELIST, "network \"n\": there is no such network (any more)"},
    {"network", "n", 400, JSON("network n is ambiguous (2 matches found based on name)"),
     ERR_CONFLICT, NEXT_GIVE_UP, "network \"n\": several have that name, or ids that begin so"},
    {"inspect", "a", 500, JSON("Multiple IDs found with provided prefix: a"), ERR_CONFLICT,
     NEXT_GIVE_UP, "container \"a\": several have ids that begin so; give more of the id"},
    {"network_disconnect", "n", 500, JSON("container w is not connected to the network n"), GONE},
    {"network_disconnect", "n", 403, JSON("container w is not connected to network n"), GONE},
    {"network_create", "n", 409, JSON("network with name n already exists"), ERR_CONFLICT,
     NEXT_RELIST, "network \"n\": the name is already in use; remove that network"},
    {"network_create", "n", 500, PODMAN("network name n already used: network already exists"),
     ERR_CONFLICT, NEXT_RELIST, "network \"n\": the name is already in use; remove that network"},
    {"network_create", "n", 403, JSON("Pool overlaps with other one on this address space"),
     ERR_CONFLICT, NEXT_GIVE_UP, "network \"n\": another network has addresses of its subnet"},
    {"network_create", "n", 404, JSON("plugin \\\"x\\\" not found"), ERR_NOT_FOUND, NEXT_GIVE_UP,
     "network \"n\": the engine has no driver \"x\"; install that plugin"},
    {"network_create", "host", 403, JSON("operation is not permitted on predefined host network "),
     ERR_DENIED, NEXT_GIVE_UP,
     "network \"host\": that name is the engine's own; choose another one"},
    {"network_create", "n", 500,
     JSON("failed to allocate gateway (10.78.0.1): Requested address is out of range"), ERR_INVALID,
     NEXT_GIVE_UP, "network \"n\": the gateway is not in the subnet"},
    {"network_remove", "bridge", 403, JSON("bridge is a pre-defined network and cannot be removed"),
     ERR_DENIED, NEXT_GIVE_UP, "network \"bridge\": it is the engine's own and stays"},
    {"network_remove", "n", 403,
     JSON("error while removing network: network n id " ID " has active endpoints"), ERR_CONFLICT,
     NEXT_GIVE_UP, "network \"n\": containers are connected to it; disconnect or remove them"},
    {"image", "x", 404, JSON("no such image: x: No such image: x:latest"), ERR_NOT_FOUND,
     NEXT_RELIST, "image \"x\": there is no such image on the engine; pull it first"},
    {"tag", "x", 404, JSON("No such image: x:latest"), ERR_NOT_FOUND, NEXT_RELIST,
     "image \"x\": there is no such image on the engine; pull it first"},
    {"remove_image", "x", 404, JSON("No such image: x:latest"), GONE},
    {"remove_image", "x", 409,
     JSON("conflict: unable to remove repository reference \\\"x\\\" (must force) - container "
          "d94ed9e7c77d is using its referenced image bb8f731accb9"),
     ERR_CONFLICT, NEXT_GIVE_UP,
     "image \"x\": the container d94ed9e7c77d was made from it; remove that one first"},
    {"remove_image", "x", 409,
     JSON("conflict: unable to delete f6b19a9cf11f (cannot be forced) - image is being used by "
          "running container d94ed9e7c77d"),
     ERR_CONFLICT, NEXT_GIVE_UP, "image \"x\": the container d94ed9e7c77d runs from it"},
    {"remove_image", "x", 409,
     JSON("conflict: unable to delete f6b19a9cf11f (must be forced) - image is referenced in "
          "multiple repositories"),
     ERR_CONFLICT, NEXT_GIVE_UP, "image \"x\": it has several names; remove them one by one"},
    {"volume", "v", 404, JSON("get v: no such volume"), ERR_NOT_FOUND, NEXT_RELIST,
     "volume \"v\": there is no such volume (any more); volumes() shows"},
    {"volume_remove", "v", 404, JSON("get v: no such volume"), GONE},
    {"volume_remove", "v", 409, JSON("remove v: volume is in use - [" ID "]"), ERR_CONFLICT,
     NEXT_GIVE_UP, "volume \"v\": the container be55acb7cccc has it; remove that one first"},
    {"volume_remove", "v", 409,
     PODMAN("volume v is being used by the following container(s): " ID ": volume is being used"),
     ERR_CONFLICT, NEXT_GIVE_UP, "volume \"v\": the container be55acb7cccc has it; remove"},
    {"prune", "images", 409, JSON("a prune operation is already running"), ERR_CONFLICT, NEXT_WAIT,
     "another prune is under way; wait a moment and ask again"},
    {"info", NULL, 500, JSON("rpc error: code = Unknown desc = update out of sequence"),
     ERR_CONFLICT, NEXT_RELIST, "somebody else has changed it meanwhile; inspect it again"},
    {"copy_to", "w", 404, JSON("Could not find the file /x in container w"), ERR_NOT_FOUND,
     NEXT_GIVE_UP, "container \"w\": it has no such directory; create that first"},
    {"copy_to", "w", 500, JSON("Error processing tar file(exit status 1): unexpected EOF"),
     ERR_INVALID, NEXT_GIVE_UP, "container \"w\": the archive cannot be unpacked"},
    {"copy_to", "w", 500,
     JSON("Error processing tar file(exit status 1): write /f: no space left on device"),
     ERR_ENGINE, NEXT_RETRY, "container \"w\": the disk of the engine's host is full"},
    {"copy_from", "w", 404, JSON("Could not find the file /x in container w"), ERR_NOT_FOUND,
     NEXT_GIVE_UP, "container \"w\": it has no such file or directory"},
    {"exec_create", "w", 409, JSON("Container w is paused, unpause the container before exec"),
     ERR_CONFLICT, NEXT_GIVE_UP, "container \"w\": it is paused; unpause it first"},
    {"exec_create", "w", 409,
     JSON("Container w is restarting, wait until the container is running"), ERR_CONFLICT,
     NEXT_WAIT, "container \"w\": it is restarting; wait until it runs, or stop it"},
    {"exec_inspect", "e", 404, JSON("No such exec instance: e"), ERR_NOT_FOUND, NEXT_RELIST,
     "exec \"e\": the command is not known any more"},
    {"start", "w", 500,
     JSON("driver failed: Bind for 0.0.0.0:8080-8081 failed: all ports are allocated"),
     ERR_CONFLICT, NEXT_RETRY, "container \"w\": "},
    {"copy_to", "w", 500,
     PODMAN("copier: put: /bin/sh (/bin/busybox): exists but is not a directory"), ERR_INVALID,
     NEXT_GIVE_UP, "container \"w\": the path is no directory"},
    {"copy_to", "w", 500, PODMAN("reading tar stream: expected EOF: unexpected EOF"), ERR_INVALID,
     NEXT_GIVE_UP, "container \"w\": the archive cannot be unpacked"},
    {"network_create", "n", 400, PODMAN("unsupported driver nope: invalid argument"), ERR_NOT_FOUND,
     NEXT_GIVE_UP, "network \"n\": the engine has no driver \"nope\""},
    {"rename", "w", 409, PODMAN("renaming container " ID ": name b already in use, cannot rename"),
     ERR_CONFLICT, NEXT_RELIST, "container \"w\": the name is already in use; remove or rename"},
};

TEST(docker_rules_tell_what_engines_mean) {
    for (size_t i = 0; i < sizeof replies / sizeof *replies; i++) {
        char label[128];
        struct err err;
        snprintf(label, sizeof label, "%s %d %.80s", replies[i].row, replies[i].status,
                 replies[i].body);
        unit_case = label;
        docker_classify(&err, docker_row(replies[i].row), replies[i].object, replies[i].status,
                        replies[i].body, strlen(replies[i].body));
        CHECK_STR(err_kind_name(err.kind), err_kind_name(replies[i].kind));
        CHECK_STR(err_next_name(err.next), err_next_name(replies[i].next));
        CHECK_INT(err.status, replies[i].status);
        size_t length = strlen(replies[i].message);
        UNIT_CHECK(strncmp(err.message, replies[i].message, length) == 0, "message: %s",
                   err.message);
    }
}
